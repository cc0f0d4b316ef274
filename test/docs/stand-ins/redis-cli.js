// The few options of redis-cli that the documents use: -p PORT and one command. Replies are printed as to a pipe, without types.
import { Redis } from 'ioredis'

const args = process.argv.slice(2)
const port = args[0] === '-p' ? Number(args.splice(0, 2)[1]) : 6379
const [command = 'PING', ...rest] = args
const redis = new Redis({ port })
const reply = await redis.call(command, ...rest)
for (const line of [reply].flat()) console.log(line === null ? '' : String(line))
redis.disconnect()

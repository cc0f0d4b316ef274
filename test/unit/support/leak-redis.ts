// Starts a Redis server, tells its port and folder, and never ends it: for the test of what happens then.
import { startRedis } from '../../support/redis-server.ts'

const redis = await startRedis()
const [, folder] = (await redis.cli('CONFIG', 'GET', 'dir')).split('\n')
console.log(JSON.stringify({ port: redis.port, folder }))
setInterval(() => {}, 1000)

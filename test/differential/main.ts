// Random applications with and without the cache; fails where a client can tell the two apart by more than it should.
import { startRedis } from '../support/redis-server.ts'
import { runCampaign } from './campaign.ts'
import { readOptions, USAGE } from './options.ts'

async function main(args: readonly string[]): Promise<boolean> {
  const { sequences, seed, path } = readOptions(args)
  console.log(`seed ${seed}, ${sequences.toLocaleString('en')} sequences`)
  const redis = await startRedis()
  try {
    const { failure, ...done } = await runCampaign({ sequences, seed, path, redis: redis.url })
    const counts = Object.entries(done).map(([name, count]) => `${count.toLocaleString('en')} ${name}`)
    console.log(counts.join(', '))
    if (failure !== undefined) console.log(`\n${failure}`)
    return failure === undefined
  } finally {
    await redis.stop()
  }
}

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(USAGE)
else process.exitCode = (await main(args)) ? 0 : 1

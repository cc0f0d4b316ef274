// Random applications with and without the cache: no client can tell the two apart by more than it should.
import { expect } from 'chai'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { runCampaign } from './campaign.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
/** `npm run differential` plays as many as are asked for. */
const SAMPLE = 500

describe(`random applications (seed ${seed})`, function () {
  this.timeout(300_000)

  let redis: RedisServer
  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  // T1 to T45, T79 to T82
  it('answer the same with the cache as without it', async () => {
    const { failure, answers, hits, collapsed } = await runCampaign({ sequences: SAMPLE, seed, redis: redis.url })
    expect(failure).to.equal(undefined)
    // Else nothing would have been compared.
    expect(hits).to.be.above(answers / 20)
    expect(collapsed).to.be.above(0)
  })
})

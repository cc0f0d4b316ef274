// What one process stored, another answers from Redis: the same bytes, and no more life than was left.
import { expect } from 'chai'
import sinon from 'sinon'
import type { Running } from '../contract/middleware.ts'
import { ask, outcomes, overPairs, storedKey } from '../support/apps.ts'
import { cacheTime } from '../support/cache-time.ts'
import type { Answer } from '../support/http-client.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

overPairs('an entry in Redis', (firstHarness, secondHarness) => {
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, i) => (i * 7) % 256))
  let redis: RedisServer
  let first: Running
  let second: Running
  let runs = 0

  before(async () => {
    redis = await startRedis()
    const tell: Parameters<typeof firstHarness.start>[0] = (app) => {
      app.read('/things/:id', () => {
        runs++
        const headers = {
          'Content-Type': 'application/octet-stream',
          Link: ['</a>; rel=next', '</b>; rel=prev'],
          ETag: '"made-by-the-handler"',
        }
        return { status: 203, headers, body: bytes }
      })
    }
    first = await firstHarness.start(tell, { redis: redis.url })
    second = await secondHarness.start(tell, { redis: redis.url })
  })
  beforeEach(() => {
    runs = 0
  })
  afterEach(() => sinon.restore())
  after(async () => {
    await Promise.all([first.stop(), second.stop()])
    await redis.stop()
  })

  it('answers the other process byte for byte, with the same status and fields', async () => {
    const miss = await ask(first, '/things/same')
    await storedKey(first, redis)
    const hit = await ask(second, '/things/same')
    expect(outcomes(second).at(-1)).to.equal('hit l2')
    expect(runs).to.equal(1)
    expect(hit.status).to.equal(203)
    expect(hit.body.equals(bytes)).to.equal(true)
    expect(fields(hit)).to.have.deep.members(fields(miss))
    expect(hit.headers['cache-status']).to.match(/^tiercache-l2; hit; ttl=\d+, tiercache-l1; fwd=miss; stored$/)
  })

  it('answers from memory from then on, and says that Redis had it', async () => {
    await ask(first, '/things/again')
    await storedKey(first, redis)
    await ask(second, '/things/again')
    const hit = await ask(second, '/things/again')
    expect(outcomes(second).at(-1)).to.equal('hit l1')
    expect(hit.body.equals(bytes)).to.equal(true)
    expect(hit.headers['cache-status']).to.match(/^tiercache-l2; hit(; ttl=\d+)?, tiercache-l1; hit; ttl=\d+$/)
  })

  it('answers HEAD and a conditional request', async () => {
    const miss = await ask(first, '/things/head')
    await storedKey(first, redis)
    const head = await ask(second, '/things/head', { method: 'HEAD' })
    expect(outcomes(second).at(-1)).to.equal('hit l2')
    expect(head.headers).to.include({ 'content-length': '1000', etag: miss.headers.etag })
    const conditional = await ask(second, '/things/head', { headers: { 'if-none-match': miss.headers.etag } })
    expect({ status: conditional.status, body: conditional.text }).to.deep.equal({ status: 304, body: '' })
    expect(runs).to.equal(1)
  })

  // T64
  it('has in the other process the age and the life that are left in Redis', async () => {
    await ask(first, '/things/aged')
    const key = await storedKey(first, redis)
    // As if 50 of its 60 seconds had passed: clocks of two machines are never compared.
    await redis.cli('PEXPIRE', key, '10000')
    const fromRedis = await ask(second, '/things/aged')
    const fromMemory = await ask(second, '/things/aged')
    expect(outcomes(second).slice(-2)).to.deep.equal(['hit l2', 'hit l1'])
    for (const answer of [fromRedis, fromMemory]) {
      expect(Number(answer.headers.age)).to.be.within(50, 53)
      expect(lastTtl(answer)).to.be.within(7, 10)
    }
  })

  // T64
  it('is used from memory no longer than the life that was left', async () => {
    await ask(first, '/things/ends')
    const key = await storedKey(first, redis)
    await redis.cli('PEXPIRE', key, '10000')
    await ask(second, '/things/ends')
    await redis.cli('DEL', key)
    const time = cacheTime()
    time.advance(6_000)
    await ask(second, '/things/ends')
    time.advance(4_000)
    await ask(second, '/things/ends')
    expect(outcomes(second).slice(-3)).to.deep.equal(['hit l2', 'hit l1', 'miss'])
  })

  // T65
  it('minds no jump of the system clock', async () => {
    await ask(first, '/things/clock')
    await storedKey(first, redis)
    const clock = sinon.useFakeTimers({ now: Date.now() + 365 * 86_400_000, toFake: ['Date'] })
    await ask(second, '/things/clock')
    clock.setSystemTime(0)
    const hit = await ask(second, '/things/clock')
    expect(outcomes(second).slice(-2)).to.deep.equal(['hit l2', 'hit l1'])
    expect(Number(hit.headers.age)).to.be.below(5)
    expect(lastTtl(hit)).to.be.within(50, 60)
  })
})

/** All fields but those that belong to one answer alone. */
function fields({ rawHeaders }: Answer): string[] {
  const own = new Set(['date', 'age', 'cache-status', 'connection', 'keep-alive', 'x-powered-by'])
  const pairs: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!own.has(rawHeaders[i]!.toLowerCase())) pairs.push(`${rawHeaders[i]!.toLowerCase()}: ${rawHeaders[i + 1]}`)
  }
  return pairs
}

function lastTtl({ headers }: Answer): number {
  return Number(/.*; hit; ttl=(-?\d+)/.exec(String(headers['cache-status']))?.[1])
}

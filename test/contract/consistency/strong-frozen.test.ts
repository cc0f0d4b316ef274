// Strong consistency before a Redis that answers nothing: the handler runs within the budget, its answer is not kept, and says why.
import { expect } from 'chai'
import { ask, outcomes } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import type { Answer, SendOptions } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { timed } from '../../support/timed.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Shelf } from './shelf.ts'

// T71
overFrameworks('a strong request while Redis is frozen', (harness) => {
  let redis: RedisServer
  let shelf: Shelf
  let app: Running

  beforeEach(async () => {
    redis = await startRedis()
    shelf = new Shelf()
    app = await harness.start(shelf.tell({ consistency: 'strong' }), { redis: redis.url })
    for (let i = 0; i < 2; i++) await ask(app, '/things/warm')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    app.events.length = 0
  })
  afterEach(async () => {
    redis.thaw()
    await app.stop()
    await redis.stop()
  })

  /** The handler's own time and 150 ms: one budget, whatever is asked within it. */
  async function inTime(path: string, options?: SendOptions): Promise<Answer> {
    const { ms, slack, result } = await timed(
      () => ask(app, path, options),
      () => ask(app, '/plain/control'),
    )
    expect(ms, path).to.be.below(150 + slack)
    expect(result.status).to.equal(200)
    return result
  }

  for (const [what, path, options, says] of [
    ['for what lies in memory', '/things/warm', {}, /tiercache-l1; fwd=bypass; detail=degraded$/],
    ['for what nobody knows', '/things/cold', {}, /tiercache-l1; fwd=miss; detail=(degraded|versions-unknown)$/],
    [
      'of HEAD for what lies in memory',
      '/things/warm',
      { method: 'HEAD' },
      /tiercache-l1; fwd=bypass; detail=degraded$/,
    ],
    ['of HEAD for what nobody knows', '/things/cold', { method: 'HEAD' }, undefined],
  ] as const) {
    it(`${what} runs the handler in time, keeps nothing and says why`, async () => {
      shelf.add('warm')
      await redis.freeze()
      const { runs } = shelf
      const answer = await inTime(path, options)
      expect(shelf.runs).to.equal(runs + 1)
      expect(answer.headers['cache-status']).not.to.contain('stored')
      // A HEAD that misses is never kept: there is nothing to explain.
      if (says !== undefined) expect(answer.headers['cache-status']).to.match(says)
      expect(eventsOf(app, 'run').filter(({ stored }) => stored)).to.deep.equal([])
      // Nor is it used for the next request.
      await inTime(path, options)
      expect(shelf.runs).to.equal(runs + 2)
    })
  }

  it('runs its handler in time beside a run of the same key that began before', async () => {
    const held = shelf.holdNext()
    const former = ask(app, '/things/held')
    await held.arrived
    await redis.freeze()
    expect((await inTime('/things/held')).text).to.equal('v0')
    expect(shelf.runs).to.equal(3)
    held.release()
    await former
  })

  it('is a hit again once Redis answers, and says so to listeners', async () => {
    await redis.freeze()
    await inTime('/things/warm')
    expect(eventsOf(app, 'request').at(-1)).to.include({ outcome: 'bypass', reason: 'degraded' })
    await eventually(() => expect(eventsOf(app, 'redis')).to.have.length(1))
    redis.thaw()
    await eventually(() => expect(eventsOf(app, 'redis').at(-1)).to.have.property('state', 'up'))
    const { runs } = shelf
    const answer = await ask(app, '/things/warm')
    expect(answer.headers['cache-status']).not.to.contain('degraded')
    expect(outcomes(app).at(-1)).to.equal('hit l1')
    expect(shelf.runs).to.equal(runs)
  })
})

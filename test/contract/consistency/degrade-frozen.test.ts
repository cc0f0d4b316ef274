// `degrade` in the moment before Redis counts as lost: what cannot be validated in time is treated as the route wants it, within one budget.
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import type { Answer } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { timed } from '../../support/timed.ts'
import { overFrameworks, type ReadOptions, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Shelf } from './shelf.ts'

// T71, C3
overFrameworks('a route whose Redis was frozen just now', (harness) => {
  let redis: RedisServer
  let shelf: Shelf
  let app: Running

  beforeEach(async () => {
    redis = await startRedis()
    shelf = new Shelf()
  })
  afterEach(async () => {
    redis.thaw()
    await app.stop()
    await redis.stop()
  })

  /** Every hit needs a validation: the bound is shorter than any pause between two requests. */
  async function freeze(options: ReadOptions) {
    app = await harness.start(shelf.tell({ consistency: '1ms', ...options }), { redis: redis.url })
    await ask(app, '/things/warm')
    shelf.add('warm')
    await redis.freeze()
  }

  async function inTime(path: string): Promise<Answer> {
    const { ms, slack, result } = await timed(
      () => ask(app, path),
      () => ask(app, '/plain/control'),
    )
    expect(ms, path).to.be.below(150 + slack)
    return result
  }

  for (const path of ['/things/warm', '/things/cold']) {
    it(`error: answers 503 in time, and the handler does not run, for ${path}`, async () => {
      await freeze({ degrade: 'error' })
      const { status, headers } = await inTime(path)
      expect(status).to.equal(503)
      expect(headers).to.include({ 'retry-after': '1', 'cache-control': 'no-store' })
      expect(shelf.runs).to.equal(1)
    })

    it(`bypass: runs the handler in time, and keeps nothing, for ${path}`, async () => {
      await freeze({ degrade: 'bypass' })
      const { status, text, headers } = await inTime(path)
      expect([status, text]).to.deep.equal([200, path === '/things/warm' ? 'v1' : 'v0'])
      expect(headers['cache-status']).to.contain('detail=').and.not.to.contain('stored')
      expect(eventsOf(app, 'run').filter(({ stored }) => stored)).to.have.length(1)
    })

    it(`l1: answers in time, for ${path}`, async () => {
      await freeze({ degrade: 'l1' })
      expect((await inTime(path)).status).to.equal(200)
    })
  }

  it('error: a request beside a run of the same key is answered 503 in time as well', async () => {
    await freeze({ degrade: 'error' })
    redis.thaw()
    const held = shelf.holdNext()
    const former = ask(app, '/things/held')
    await held.arrived
    await redis.freeze()
    expect((await inTime('/things/held')).status).to.equal(503)
    held.release()
    await former
  })
})

// `bypass: { mode: 'refresh' }`: the flag runs the handler and renews the entry.
import { expect } from 'chai'
import { get, send } from '../../support/http-client.ts'
import { Gates } from '../crowd.ts'
import { overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('the flag that refreshes', (harness) => {
  const start = starting(harness)
  const gated = async (gates: Gates, reply: (run: number) => Reply, options?: ReadOptions) =>
    start((app) => {
      app.read('/page', async () => reply(await gates.wait()), '1m', { bypass: { mode: 'refresh' }, ...options })
    })
  const open = new (class extends Gates {
    override async wait(): Promise<number> {
      const run = super.wait()
      this.open()
      return run
    }
  })()

  // T37
  it('runs the handler whatever is stored, and the others get what it answered', async () => {
    let runs = 0
    const app = await start((app) => {
      app.read('/page', () => ({ body: `run ${++runs}` }), '1m', { bypass: { mode: 'refresh' } })
    })
    const texts: string[] = []
    for (const path of ['/page', '/page', '/page?is_not_cache=1', '/page', '/page?is_not_cache=true', '/page']) {
      texts.push((await get(app.port, path)).text)
    }
    expect(texts).to.deep.equal(['run 1', 'run 1', 'run 2', 'run 2', 'run 3', 'run 3'])
    expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'miss', 'hit', 'miss', 'hit'])
    expect(eventsOf(app, 'run').map(({ stored }) => stored)).to.deep.equal([true, true, true])
  })

  it('fills a cold cache', async () => {
    const app = await gated(open, () => ({ body: 'page' }))
    await get(app.port, '/page?a=1&is_not_cache=1')
    await get(app.port, '/page?a=1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
  })

  it('leaves the entry in place while it runs, and for good where its answer must not be stored', async () => {
    const gates = new Gates()
    const app = await gated(gates, (run) => ({ status: run === 1 ? 200 : 500, body: `run ${run}` }))
    const first = get(app.port, '/page')
    await gates.reach(1)
    gates.open()
    await first
    const refresh = get(app.port, '/page?is_not_cache=1')
    await gates.reach(2)
    expect((await get(app.port, '/page')).text).to.equal('run 1')
    gates.open()
    expect((await refresh).status).to.equal(500)
    expect((await get(app.port, '/page')).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'hit'])
  })

  it('waits for no flight: what it answers was read after it asked', async () => {
    const gates = new Gates()
    const app = await gated(gates, (run) => ({ body: `run ${run}` }))
    const leader = get(app.port, '/page')
    await gates.reach(1)
    const refresh = get(app.port, '/page?is_not_cache=1')
    await gates.reach(2)
    gates.open(1)
    expect((await leader).text).to.equal('run 1')
    gates.open(2)
    expect((await refresh).text).to.equal('run 2')
    expect((await get(app.port, '/page')).text).to.equal('run 2')
  })

  // T56
  it('stores nothing that outlives an invalidation which came while it ran', async () => {
    const gates = new Gates()
    const app = await gated(gates, (run) => ({ body: `run ${run}` }))
    const refresh = get(app.port, '/page?is_not_cache=1')
    await gates.reach(1)
    await app.cache.bump('/page')
    gates.open(1)
    await refresh
    const next = get(app.port, '/page')
    await gates.reach(2)
    gates.open(2)
    expect((await next).text).to.equal('run 2')
  })

  // T26
  it('stores nothing of HEAD', async () => {
    const app = await gated(open, () => ({ body: 'page' }))
    await send(app.port, '/page?is_not_cache=1', { method: 'HEAD' })
    expect((await get(app.port, '/page')).text).to.equal('page')
    expect(outcomes(app).at(-1)).to.equal('miss')
  })

  it('asks the guard first', async () => {
    let runs = 0
    const app = await start((app) => {
      app.read('/page', () => ({ body: `run ${++runs}` }), '1m', {
        bypass: { mode: 'refresh', allow: ({ headers }) => headers['x-role'] === 'admin' },
      })
    })
    await get(app.port, '/page')
    expect((await get(app.port, '/page?is_not_cache=1')).text).to.equal('run 1')
    expect((await get(app.port, '/page?is_not_cache=1', { 'X-Role': 'admin' })).text).to.equal('run 2')
  })

  // T29 T30
  it('renews nothing by a request that may not meet the cache', async () => {
    let runs = 0
    const app = await start((app) => {
      app.read('/page', () => ({ body: `run ${++runs}` }), '1m', { bypass: { mode: 'refresh' } })
    })
    await get(app.port, '/page')
    for (const headers of [{ Authorization: 'Bearer 1' }, { Range: 'bytes=0-0' }]) {
      await get(app.port, '/page?is_not_cache=1', headers)
    }
    expect((await get(app.port, '/page')).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'bypass', 'hit'])
  })

  // T75
  it('runs without the cache where `varyBy` or `tags` fails', async () => {
    let failing = false
    const fail = () => {
      if (failing) throw new Error('no')
    }
    for (const options of [
      { varyBy: fail },
      {
        tags: () => {
          fail()
          return []
        },
      },
    ]) {
      failing = false
      let runs = 0
      const app = await start((app) => {
        app.read('/page', () => ({ body: `run ${++runs}` }), '1m', { bypass: { mode: 'refresh' }, ...options })
      })
      await get(app.port, '/page')
      failing = true
      expect((await get(app.port, '/page?is_not_cache=1')).text).to.equal('run 2')
      failing = false
      expect((await get(app.port, '/page')).text).to.equal('run 1')
      expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'hit'])
    }
  })
})

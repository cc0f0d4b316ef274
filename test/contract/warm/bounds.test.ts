// `warm` under its bounds: so many at once, so long each, and no longer than its caller wants.
import { expect } from 'chai'
import type { WarmProgress } from '../../../src/warm/warm-result.ts'
import { ask } from '../../support/apps.ts'
import { type Deferred, deferred, eventually } from '../../support/gate.ts'
import { outcomeOf } from '../../support/outcome.ts'
import { type App, overFrameworks } from '../middleware.ts'
import { starting } from '../starting.ts'

const shop = { headers: { host: 'shop.test' } }
const paths = Array.from({ length: 10 }, (_, i) => `/things/${i}`)

overFrameworks('warm', (harness) => {
  const start = starting(harness)
  let gates: Map<string, Deferred<void>>
  let most: number
  let under: number
  const tell = (app: App) => {
    app.read('/things/:id', async ({ url }) => {
      const gate = deferred<void>()
      gates.set(url, gate)
      most = Math.max(most, ++under)
      await gate.promise
      under--
      return { body: url }
    })
    app.read('/quick', () => ({ body: 'quick' }))
  }
  beforeEach(() => {
    gates = new Map()
    most = under = 0
  })
  const reached = (path: string) =>
    eventually(() => {
      const gate = gates.get(path)
      if (gate === undefined) throw new Error(`${path} has not run`)
      return gate
    })

  it('has no more requests under way than it was told, and as many as that', async () => {
    const app = await start(tell)
    const warming = app.warm(paths, { ...shop, concurrency: 3 })
    await reached('/things/2')
    for (const path of paths) (await reached(path)).resolve()
    expect(await warming).to.include({ stored: 10 })
    expect(most).to.equal(3)
  })

  it('takes no request from its source before there is room for it', async () => {
    const app = await start(tell)
    let taken = 0
    function* source() {
      for (const path of paths) {
        taken++
        yield path
      }
    }
    const warming = app.warm(source(), { ...shop, concurrency: 2 })
    await reached('/things/1')
    expect(taken).to.equal(2)
    for (const path of paths) (await reached(path)).resolve()
    await warming
    expect(taken).to.equal(10)
  })

  // T55: a handler that never answers holds up nothing but its own request.
  it('gives up a request after its deadline, and goes on with the others', async () => {
    const app = await start(tell)
    const told: WarmProgress[] = []
    const onProgress = (progress: WarmProgress) => void told.push(progress)
    const requests = ['/things/1', '/quick']
    const result = await app.warm(requests, { ...shop, concurrency: 1, deadline: '50ms', onProgress })
    expect(result).to.include({ total: 2, stored: 1, failed: 1 })
    expect(told[0]).to.include({ url: '/things/1', outcome: 'failed', status: undefined, reason: 'deadline' })
    gates.get('/things/1')!.resolve()
    expect(outcomeOf(await ask(app, '/quick'))).to.equal('hit l1')
  })

  it('ends at once when it is aborted: what is under way has failed, what is left is never sent', async () => {
    const app = await start(tell)
    const ending = new AbortController()
    const told: WarmProgress[] = []
    const onProgress = (progress: WarmProgress) => void told.push(progress)
    const warming = app.warm(paths, { ...shop, concurrency: 2, signal: ending.signal, onProgress })
    await reached('/things/1')
    ending.abort()
    expect(await warming).to.include({ total: 2, stored: 0, failed: 2 })
    expect(told.map(({ reason }) => reason)).to.deep.equal(['aborted', 'aborted'])
    expect([...gates.keys()]).to.deep.equal(['/things/0', '/things/1'])
    for (const gate of gates.values()) gate.resolve()
  })

  it('ends when it is aborted while its source lets it wait', async () => {
    const app = await start(tell)
    const ending = new AbortController()
    const waiting = deferred<void>()
    async function* source() {
      yield '/quick'
      await new Promise(() => undefined)
    }
    const warming = app.warm(source(), { ...shop, signal: ending.signal, onProgress: () => waiting.resolve() })
    await waiting.promise
    ending.abort()
    expect(await warming).to.include({ total: 1, stored: 1 })
  })

  it('sends nothing when it was aborted before', async () => {
    const app = await start(tell)
    expect(await app.warm(paths, { ...shop, signal: AbortSignal.abort() })).to.include({ total: 0 })
    expect(gates.size).to.equal(0)
  })

  it('may have many requests under way without a warning of listeners that pile up', async () => {
    const app = await start(tell)
    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    try {
      const many = Array.from({ length: 100 }, (_, i) => `/quick?${i}`)
      await app.warm(many, { ...shop, concurrency: 50, signal: new AbortController().signal })
      await new Promise((resolve) => setImmediate(resolve))
      expect(warnings).to.deep.equal([])
    } finally {
      process.off('warning', note)
    }
  })
})

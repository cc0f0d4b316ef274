// Counts by route and tier: true, bounded, and read as snapshots that never change.
import { expect } from 'chai'
import fc from 'fast-check'
import type { CacheEvent, Outcome, RequestEvent, RunEvent, TierName } from '../../../src/observe/events.ts'
import { type RouteStats, Stats } from '../../../src/observe/stats.ts'
import { thawed } from '../fixtures/frozen.ts'

const request = (outcome: Outcome, parts: Partial<RequestEvent> = {}): RequestEvent => ({
  type: 'request',
  route: '/a',
  key: 'key',
  outcome,
  tier: undefined,
  reason: undefined,
  degraded: false,
  ms: 1,
  intervals: [],
  ...parts,
})
const run = (status: number | undefined, ms: number, parts: Partial<RunEvent> = {}): RunEvent => ({
  type: 'run',
  route: '/a',
  key: 'key',
  status,
  stored: true,
  reason: undefined,
  ms,
  intervals: [],
  ...parts,
})
const none = { entries: 0, bytes: 0, negativeEntries: 0, evictions: 0, errors: {} }

function count(...events: CacheEvent[]) {
  const stats = new Stats()
  for (const event of events) stats.listener(event)
  return stats
}

const zero: RouteStats = {
  requestCount: 0,
  hitCount: 0,
  staleCount: 0,
  missCount: 0,
  bypassCount: 0,
  collapsedCount: 0,
  hitRate: 0,
  missRate: 0,
  loadCount: 0,
  loadSuccessCount: 0,
  loadFailureCount: 0,
  loadFailureRate: 0,
  totalLoadTime: 0,
  averageLoadTime: 0,
}

// FEATURES 8
describe('stats', () => {
  it('of nothing are 0, rates included', () => {
    const { total, routes, tiers } = new Stats().snapshot({ l1: none })
    expect(total).to.deep.equal(zero)
    expect(routes).to.deep.equal({})
    expect(tiers).to.deep.equal({ l1: { hitCount: 0, missCount: 0, ...none } })
  })

  it('count outcomes; a bypass met no cache and has no part in the rates', () => {
    const outcomes: Outcome[] = ['hit', 'hit', 'hit', 'stale', 'miss', 'collapsed', 'bypass', 'bypass']
    const { total } = count(...outcomes.map((outcome) => request(outcome))).snapshot({})
    expect(total).to.deep.equal({
      ...zero,
      requestCount: 8,
      hitCount: 3,
      staleCount: 1,
      missCount: 1,
      collapsedCount: 1,
      bypassCount: 2,
      hitRate: 5 / 6,
      missRate: 1 / 6,
    })
  })

  it('count runs: those that answered below 500, and those that did not', () => {
    const { total } = count(run(200, 10), run(404, 20), run(500, 30), run(undefined, 40)).snapshot({})
    expect(total).to.deep.equal({
      ...zero,
      loadCount: 4,
      loadSuccessCount: 2,
      loadFailureCount: 2,
      loadFailureRate: 0.5,
      totalLoadTime: 100,
      averageLoadTime: 25,
    })
  })

  const failed = ['client-left', 'truncated', 'failed'] as const
  it('count a run that did not answer in full as a failure', () => {
    const { total } = count(...failed.map((reason) => run(200, 1, { stored: false, reason }))).snapshot({})
    expect([total.loadSuccessCount, total.loadFailureCount]).to.deep.equal([0, 3])
  })

  it('count by route', () => {
    const { routes, total } = count(
      request('hit'),
      request('miss', { route: '/b' }),
      run(200, 5, { route: '/b' }),
    ).snapshot({})
    expect(Object.keys(routes)).to.deep.equal(['/a', '/b'])
    expect(routes['/a']).to.include({ requestCount: 1, hitCount: 1, loadCount: 0 })
    expect(routes['/b']).to.include({ requestCount: 1, missCount: 1, loadCount: 1 })
    expect(total).to.include({ requestCount: 2, loadCount: 1 })
  })

  // T42
  it('count routes named like prototypes', () => {
    const names = ['__proto__', 'constructor', 'toString']
    const { routes } = count(...names.map((route) => request('hit', { route }))).snapshot({})
    expect(Object.keys(routes)).to.deep.equal(names)
    for (const name of names) expect(Object.getOwnPropertyDescriptor(routes, name)?.value).to.include({ hitCount: 1 })
    expect(Object.getPrototypeOf(routes)).to.equal(Object.prototype)
  })

  // T45
  it('are bounded: routes beyond a thousand are counted together', () => {
    const stats = new Stats()
    for (let i = 0; i < 5_000; i++) stats.listener(request('hit', { route: `/users/${i}` }))
    const { routes, total } = stats.snapshot({})
    expect(Object.keys(routes)).to.have.length(1_001)
    expect(routes['(other)']?.hitCount).to.equal(4_000)
    expect(total.hitCount).to.equal(5_000)
  })

  const tiers: [events: RequestEvent[], l1: [number, number], l2: [number, number]][] = [
    [[request('hit', { tier: 'l1' })], [1, 0], [0, 0]],
    [[request('hit', { tier: 'l2' })], [0, 1], [1, 0]],
    [[request('miss')], [0, 1], [0, 1]],
    // Another's run answered: this process's memory did not know, and nobody asked Redis for it.
    [[request('collapsed')], [0, 1], [0, 0]],
    [
      [request('bypass'), request('bypass', { key: undefined })],
      [0, 0],
      [0, 0],
    ],
  ]
  for (const [events, l1, l2] of tiers) {
    it(`count ${events.map(({ outcome, tier }) => [outcome, tier ?? 'no tier'].join(' by ')).join(' and ')} by tier`, () => {
      const { tiers: found } = count(...events).snapshot({ l1: none, l2: none })
      const counts = (tier: TierName) => [found[tier]?.hitCount, found[tier]?.missCount]
      expect([counts('l1'), counts('l2')]).to.deep.equal([l1, l2])
    })
  }

  it('add what the stores tell of themselves', () => {
    const usage = { entries: 5, bytes: 500, negativeEntries: 1, evictions: 2, errors: { timeout: 3 } }
    const { tiers: found } = count(request('miss')).snapshot({ l2: usage })
    expect(found).to.deep.equal({ l2: { hitCount: 0, missCount: 1, ...usage } })
  })

  it('are not moved by other events', () => {
    const { total } = count(
      { type: 'bump', tags: ['a'], applied: 'everywhere', journalled: false, ms: 1 },
      { type: 'redis', state: 'down', reason: 'x' },
      { type: 'unreadable', key: 'k', reason: 'x' },
    ).snapshot({})
    expect(total).to.deep.equal(zero)
  })

  it('are snapshots: frozen to the leaves, and not moved by what happens later', () => {
    const stats = count(request('hit', { tier: 'l1' }))
    const snapshot = stats.snapshot({ l1: { ...none, errors: { timeout: 1 } } })
    const copy = structuredClone(snapshot)
    stats.listener(request('miss'))
    expect(snapshot).to.deep.equal(copy)
    expect(thawed(snapshot)).to.deep.equal([])
  })

  it('add up, whatever happened', () => {
    const outcome = fc.constantFrom<Outcome>('hit', 'stale', 'miss', 'bypass', 'collapsed')
    const event = fc
      .tuple(outcome, fc.constantFrom('/a', '/b', '__proto__'))
      .map(([one, route]) => request(one, { route }))
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const { total, routes } = count(...events).snapshot({})
        const sum = (name: keyof RouteStats) =>
          Object.keys(routes).reduce((all, route) => all + routes[route]![name], 0)
        const { hitCount, staleCount, missCount, bypassCount, collapsedCount, requestCount } = total
        expect(hitCount + staleCount + missCount + bypassCount + collapsedCount).to.equal(requestCount)
        expect([sum('requestCount'), sum('hitCount')]).to.deep.equal([events.length, hitCount])
        expect(total.hitRate + total.missRate).to.be.closeTo(requestCount === bypassCount ? 0 : 1, 1e-9)
      }),
    )
  })
})

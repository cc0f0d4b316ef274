// What a fault did is measured against its bounds: each of them can be broken.
import { expect } from 'chai'
import type { Inspection, LoggedEvent } from '../app/settings.ts'
import { measure, repeatedIn, type Seen } from './measured.ts'
import { faultTable, verdictOf } from './report.ts'

const inspection = (heap: number, unhandled: readonly string[] = []): Inspection => ({
  heap,
  resident: 90e6,
  flights: 0,
  runs: 0,
  requests: 0,
  unhandled,
})
const redis = (state: 'up' | 'down'): LoggedEvent => ({ type: 'redis', state, reason: 'x' })
const samples = (...times: number[]) => times.map((ms) => ({ ms, failed: false }))

const seen = (more: Partial<Seen> = {}): Seen => ({
  fault: 'frozen',
  framework: 'Koa',
  app: samples(2, 20, 120),
  control: samples(20, 21, 22),
  slices: [{ healthy: 1_000, during: 990 }],
  recoveries: [120, 300],
  before: inspection(20e6),
  during: inspection(20e6),
  after: inspection(20e6),
  episodes: [[redis('down'), redis('up')]],
  crashed: false,
  load: 0.5,
  ...more,
})

describe('a measured fault', () => {
  it('broke nothing where all is within its bounds', () => {
    const measured = measure(seen())
    expect(measured.broken).to.deep.equal([])
    expect(measured).to.include({ requests: 3, failed: 0, p50: 20, slowest: 120, excess: 98, recovery: 300, events: 2 })
    expect(measured.throughput).to.equal(0.99)
  })

  const cases: readonly (readonly [what: string, planted: Partial<Seen>, told: RegExp])[] = [
    ['a request that failed', { app: [...samples(2), { ms: 3, failed: true }] }, /1 requests failed/],
    ['a request that waited', { app: samples(2, 173) }, /151 ms slower/],
    ['no request at all', { app: [] }, /nothing was asked/],
    ['memory that answers less often', { slices: [{ healthy: 1_000, during: 940 }] }, /fell to 0.94/],
    ['memory that does not answer', { slices: [{ healthy: 0, during: 0 }] }, /fell to NaN/],
    ['a Redis that is not used again in time', { recoveries: [100, 1_001] }, /after 1001 ms/],
    ['a Redis that is never used again', { recoveries: [Number.POSITIVE_INFINITY] }, /after Infinity ms/],
    ['a heap that grows during it', { during: inspection(26e6) }, /grew to 1.14/],
    ['a heap that stays grown', { after: inspection(30e6) }, /grew to 1.34/],
    ['a rejection', { after: inspection(20e6, ['Error: x']) }, /unhandled rejections: Error: x/],
    ['a crash', { crashed: true }, /ended by itself/],
    ['an event that is told again', { episodes: [[redis('down'), redis('up'), redis('down')]] }, /once: redis down/],
  ]
  for (const [what, planted, told] of cases) {
    it(`tells of ${what}`, () => expect(measure(seen(planted)).broken.join()).to.match(told))
  }

  it('tells a change of an operation once, each of another one as well', () => {
    const trouble = (operation: 'get' | 'set', kind: 'timeout' | undefined): LoggedEvent => ({
      type: 'trouble',
      operation,
      kind,
      message: 'x',
    })
    expect(repeatedIn([trouble('get', 'timeout'), trouble('set', 'timeout'), trouble('get', undefined)])).to.deep.equal(
      [],
    )
    expect(repeatedIn([trouble('get', 'timeout'), trouble('get', 'timeout')])).to.deep.equal(['get timeout'])
  })

  it('has a line in the table, and one in the verdict for each bound that it broke', () => {
    const good = measure(seen())
    const bad = measure(seen({ fault: 'oom', app: samples(2, 400), load: 7 }))
    const lines = faultTable([good, bad]).split('\n')
    expect(lines).to.have.length(4)
    expect(lines[2]).to.match(
      /^\| frozen, Koa \| +3 \| +0 \| +20.0 ms \| +120 ms \| .* \| +98.0 ms \| +0.99 \| +300 ms \|/,
    )
    expect(verdictOf([good, bad])).to.deep.equal([
      "oom, Koa: the slowest was 378 ms slower than the control's (load 7.0)",
    ])
  })
})

// The checker of C4 sees runs of one version at the same time.
import { expect } from 'chai'
import type { History, Promised, Run } from '../history.ts'
import { bounded, fleet, history, miss, read, run } from './hand-written.ts'
import { load } from './load.ts'

describe('the checker of load', () => {
  /** Two runs, on A unless said otherwise, of which the second begins before the first is over. */
  function overlapping(second: Partial<Run> = {}, route: Promised = bounded, parts: Partial<History> = {}): History {
    const runs = [
      run({ request: 0, from: 0, until: 100, versions: 'v1' }),
      run({ request: 1, from: 50, until: 150, versions: 'v1', ...second }),
    ]
    const reads = runs.map(({ request, process, from, until }) =>
      read({ id: request, process, route, value: 0, start: from - 1, end: until + 1, label: miss }),
    )
    return history({ runs, reads, ...parts })
  }

  it('refuses two runs at once of one version on one process', () => {
    const [violation] = load.judge(overlapping())
    expect(violation?.message).to.equal('two runs of /bounded/t at once under the same versions, on A and on A')
    expect(violation?.operations).to.have.length(2)
  })

  it('accepts one run after another, of other versions, of other paths and on other processes', () => {
    for (const second of [{ from: 100 }, { versions: 'v2' }, { fingerprint: '/bounded/x' }, { process: 'B' }]) {
      expect(load.judge(overlapping(second)), JSON.stringify(second)).to.deep.equal([])
    }
  })

  it('sees a run that overlaps an earlier one than the last', () => {
    const history = overlapping({ until: 60 })
    const third = run({ request: 1, from: 90, until: 95, versions: 'v1' })
    expect(load.judge({ ...history, runs: [...history.runs, third] })).to.have.length(2)
  })

  it('refuses two runs at once in the fleet where the route locks it', () => {
    expect(load.judge(overlapping({ process: 'B' }, fleet))).to.have.length(1)
  })

  it('counts no runs that are not kept for others', () => {
    expect(load.judge(overlapping({ versions: undefined }))).to.deep.equal([])
  })

  it('excuses who waited for Redis as long as it may, in the fleet and on no process', () => {
    const waited = ({ reads, ...rest }: History): History => {
      return { ...rest, reads: reads.map((one) => (one.id === 1 ? { ...one, start: one.start - 100 } : one)) }
    }
    expect(load.judge(waited(overlapping({ process: 'B' }, fleet)))).to.deep.equal([])
    expect(load.judge(waited(overlapping({}, fleet)))).to.have.length(1)
  })

  it('excuses the fleet, and no process, while Redis is away, keys change by other hands, or processes die', () => {
    const span = { from: 5, until: 6 }
    const interruptions = [{ process: 'B', kind: 'killed', at: 5 }] as const
    for (const parts of [{ outages: [span] }, { upheavals: [span] }, { interruptions }]) {
      expect(load.judge(overlapping({ process: 'B' }, fleet, parts))).to.deep.equal([])
      expect(load.judge(overlapping({}, bounded, parts))).to.have.length(1)
    }
  })
})

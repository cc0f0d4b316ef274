// The checker of labels compares what answers say with what happened.
import { expect } from 'chai'
import type { Label } from '../history.ts'
import { degradedHit, history, hit, miss, read, run } from './hand-written.ts'
import { labels } from './labels.ts'

describe('the checker of labels', () => {
  const bypass: Label = { outcome: 'bypass', degraded: false, stored: false }
  const judged = (label: Label, ran: boolean, outages = [{ from: 10, until: 20 }], start = 5) => {
    const runs = ran ? [run({ request: 0, from: 0, until: 1 })] : []
    return labels.judge(history({ runs, outages, reads: [read({ value: 0, start, end: start + 1, label })] }))
  }

  it('accepts hits without a run, and runs that say so', () => {
    expect(judged(hit, false)).to.deep.equal([])
    expect(judged({ ...hit, outcome: 'collapsed' }, false)).to.deep.equal([])
    expect(judged(miss, true)).to.deep.equal([])
    expect(judged(bypass, true)).to.deep.equal([])
  })

  it('refuses a hit whose handler ran, and a miss or a bypass that nobody ran', () => {
    expect(judged(hit, true)[0]?.message).to.equal('an answer that says hit l1, though its handler ran')
    expect(judged(miss, false)[0]?.message).to.equal('an answer that says miss, though no handler ran for it')
    expect(judged(bypass, false)).to.have.length(1)
  })

  it('refuses an answer without a word', () => {
    expect(judged({ ...hit, outcome: 'none' }, true)).to.have.length(1)
  })

  it('refuses degraded answers of times with Redis, but for those that went around the cache', () => {
    expect(judged(degradedHit, false)).to.have.length(1)
    expect(judged(degradedHit, false, [{ from: 10, until: 20 }], 15)).to.deep.equal([])
    expect(judged({ ...bypass, degraded: true }, true)).to.deep.equal([])
  })
})

// Lags are measured per write and other process.
import { expect } from 'chai'
import { history, read, strong, write } from './hand-written.ts'
import { lagsOf, summaryOf } from './lag.ts'

describe('the lag', () => {
  const writes = [write({ value: 1, start: 90, end: 100 })]

  it('is the last start of a request that still brought the old value, after the acknowledgement', () => {
    const reads = [
      read({ value: 0, start: 99, process: 'B' }),
      read({ value: 0, start: 103, process: 'B' }),
      read({ value: 0, start: 107, process: 'B' }),
      read({ value: 1, start: 110, process: 'B' }),
    ]
    expect(lagsOf(history({ writes, reads }))).to.deep.equal([7])
  })

  it('is nothing where the first answer is the new one', () => {
    expect(lagsOf(history({ writes, reads: [read({ value: 1, start: 101, process: 'B' })] }))).to.deep.equal([0])
  })

  it('is not measured on the writing process, on strong routes, nor where nobody asked in time', () => {
    const reads = [
      read({ value: 1, start: 101 }),
      read({ value: 1, start: 101, process: 'B', route: strong }),
      read({ value: 1, start: 900, process: 'B' }),
    ]
    expect(lagsOf(history({ writes, reads }))).to.deep.equal([])
  })

  it('is summed up by rank', () => {
    const lags = Array.from({ length: 200 }, (_, i) => i)
    expect(summaryOf(lags)).to.deep.equal({ samples: 200, p50: 100, p99: 198, worst: 199 })
    expect(summaryOf([])).to.deep.equal({ samples: 0, p50: 0, p99: 0, worst: 0 })
  })
})

// The checker of convergence sees who still differs when all is quiet.
import { expect } from 'chai'
import { convergence } from './convergence.ts'
import { history, read, write } from './hand-written.ts'

describe('the checker of convergence', () => {
  const writes = [write({ value: 2, start: 50 }), write({ value: 1, start: 40 })]
  const judged = (value: number, start: number, quietSince: number | undefined = 100) =>
    convergence.judge(history({ writes, quietSince, reads: [read({ value, start })] }))

  it('refuses whatever is not the last value once everything had its time', () => {
    expect(judged(1, 2_100)).to.have.length(1)
    expect(judged(2, 2_100)).to.deep.equal([])
  })

  it('lets everything have its time: to recover, and the bound of the route', () => {
    expect(judged(1, 2_099)).to.deep.equal([])
  })

  it('expects nothing of a run that ended in the middle', () => {
    expect(convergence.judge(history({ writes, reads: [read({ value: 1, start: 9_000 })] }))).to.deep.equal([])
  })
})

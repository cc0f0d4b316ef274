// From when on a write binds its readers, by what became of it.
import { expect } from 'chai'
import type { History } from '../history.ts'
import { Acknowledgements, RECOVERY } from './acknowledged.ts'
import { history, write } from './hand-written.ts'

const NEVER = Number.POSITIVE_INFINITY

describe('the acknowledgement of a write', () => {
  const everyone = (parts: Partial<Parameters<typeof write>[0]>, circumstances: Partial<History> = {}) =>
    new Acknowledgements(history(circumstances)).bindsEveryoneFrom(write({ value: 1, start: 100, end: 200, ...parts }))
  const writer = (parts: Partial<Parameters<typeof write>[0]>) =>
    new Acknowledgements(history({})).bindsWriterFrom(write({ value: 1, start: 100, end: 200, ...parts }))

  it('is its answer, where Redis confirmed the bump', () => {
    expect(everyone({})).to.equal(200)
    expect(writer({})).to.equal(200)
  })

  it('never comes where the answer failed, was lost, or where nobody says what became of the bump', () => {
    for (const parts of [{ status: 500 }, { end: NEVER, status: 0 }]) {
      expect(everyone(parts)).to.equal(NEVER)
      expect(writer(parts)).to.equal(NEVER)
    }
    expect(everyone({ applied: undefined })).to.equal(NEVER)
  })

  describe('of a write that Redis did not confirm', () => {
    const local = { applied: 'locally' } as const

    it('comes at once for its own process', () => {
      expect(writer(local)).to.equal(200)
    })

    it('comes with the replay of the journal for the others', () => {
      expect(everyone(local)).to.equal(200 + RECOVERY)
      expect(everyone(local, { outages: [{ from: 150, until: 5_000 }] })).to.equal(5_000 + RECOVERY)
      expect(everyone(local, { outages: [{ from: 900, until: 5_000 }] })).to.equal(5_000 + RECOVERY)
      expect(everyone(local, { outages: [{ from: 9_000, until: 9_500 }] })).to.equal(200 + RECOVERY)
    })

    it('never comes where the process died or stood still before that', () => {
      const interruptions = [{ process: 'A', kind: 'killed', at: 400 }] as const
      expect(everyone(local, { interruptions })).to.equal(NEVER)
      expect(everyone({ ...local, process: 'B' }, { interruptions })).to.equal(200 + RECOVERY)
    })
  })

  describe('of a write that announced itself', () => {
    const announced = { mode: 'intent', committedAt: 150 } as const

    it('is its commit, even where the writer died before it could answer', () => {
      expect(everyone(announced)).to.equal(150)
      const interruptions = [{ process: 'A', kind: 'killed', at: 160 }] as const
      expect(everyone({ ...announced, end: NEVER, status: 0 }, { interruptions })).to.equal(150)
    })

    it('is as for any other where the marker may have gone', () => {
      expect(everyone(announced, { upheavals: [{ from: 120, until: 130 }] })).to.equal(200)
      expect(everyone(announced, { outages: [{ from: 120, until: 130 }] })).to.equal(200)
      expect(everyone(announced, { interruptions: [{ process: 'A', kind: 'paused', at: 120 }] })).to.equal(200)
    })
  })
})

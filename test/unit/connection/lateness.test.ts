// How many late answers are one too many: so many in a row, or half of all, and not one burst.
import { expect } from 'chai'
import { Lateness } from '../../../src/connection/lateness.ts'

// T71
describe('late answers', () => {
  const THRESHOLD = 3

  it('are one too many as the third in a row', () => {
    const lateness = new Lateness(THRESHOLD)
    expect([100, 200, 300].map((now) => lateness.late(now - 100, now))).to.deep.equal([false, false, true])
  })

  it('are not, where they were under way together', () => {
    const lateness = new Lateness(THRESHOLD)
    const burst = (sentAt: number) => Array.from({ length: 50 }, (_, i) => lateness.late(sentAt + i / 10, sentAt + 100))
    expect(burst(0)).to.not.include(true)
    lateness.answered(250)
    expect(burst(260)).to.not.include(true)
  })

  it('are one too many as half of all, where good ones come in between', () => {
    const lateness = new Lateness(THRESHOLD)
    const verdicts: boolean[] = []
    for (let now = 100; now < 1_000; now += 100) {
      verdicts.push(lateness.late(now - 100, now))
      lateness.answered(now + 1)
    }
    expect(verdicts.slice(0, 3)).to.deep.equal([false, false, true])
  })

  it('are not, as a few of many, however long that goes on', () => {
    const lateness = new Lateness(THRESHOLD)
    for (let now = 100; now < 60_000; now += 100) {
      for (let i = 0; i < 3; i++) lateness.answered(now)
      expect(lateness.late(now - 100, now)).to.equal(false)
    }
  })

  it('are forgotten after two seconds, and where the connection is a new one', () => {
    const lateness = new Lateness(THRESHOLD)
    const twice = (from: number) => {
      for (const now of [from, from + 100]) {
        expect(lateness.late(now - 50, now)).to.equal(false)
        lateness.answered(now + 1)
      }
    }
    twice(100)
    twice(2_200)
    lateness.forget()
    twice(2_400)
    expect(lateness.late(2_550, 2_600)).to.equal(true)
  })
})

// Listeners hear of changes that last: once each, and not of every twitch of a Redis that comes and goes.
import { expect } from 'chai'
import { StateNews } from '../../../src/connection/state-news.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

// T71
describe('news of Redis', () => {
  let clock: ManualClock
  let told: string[]
  let news: StateNews

  beforeEach(() => {
    clock = manualClock()
    told = []
    news = new StateNews(clock, ({ state, reason }) => told.push(`${state} ${reason}`), 100)
  })

  /** Lets time pass in which it gives signs of life. */
  const alive = (ms: number) => {
    for (let passed = 0; passed <= ms; passed += 250) {
      news.up()
      if (passed < ms) clock.pass(250)
    }
  }

  it('say at once that it came, went, and came back', () => {
    alive(500)
    news.down('refused')
    news.down('refused again')
    clock.pass(5_000)
    alive(500)
    expect(told).to.deep.equal(['up answers', 'down refused', 'up answers'])
    expect(news.unsteady).to.equal(false)
  })

  it('say at once that it is not there at the start', () => {
    news.cut('refused')
    news.cut('refused')
    expect(told).to.deep.equal(['down refused'])
  })

  it('say nothing of a connection that is made anew at once', () => {
    alive(500)
    news.cut('reset')
    clock.pass(99)
    alive(60_000)
    expect(told).to.deep.equal(['up answers'])
    expect(clock.timers).to.equal(0)
  })

  it('say that it is down where a cut connection is not made anew, in time or at all', () => {
    alive(500)
    news.cut('reset')
    clock.pass(100)
    expect(told).to.deep.equal(['up answers', 'down reset'])
    alive(20_000)
    news.cut('reset')
    news.down('refused')
    expect(told.slice(2)).to.deep.equal(['up answers', 'down refused'])
  })

  it('say that it is down where its connection is cut often', () => {
    alive(500)
    for (let i = 0; i < 10; i++) {
      news.cut('reset')
      alive(250)
    }
    expect(told).to.deep.equal(['up answers', 'down reset', 'up answers', 'down reset'])
  })

  it('do not follow one that comes and goes: it is up again when it has been so for a while', () => {
    alive(500)
    for (let i = 0; i < 200; i++) {
      news.down('late')
      clock.pass(100)
      alive(500)
    }
    // Two minutes.
    expect(told).to.deep.equal(['up answers', 'down late', 'up answers', 'down late'])
    expect(news.unsteady).to.equal(true)
    alive(250)
    expect(told).to.have.length(4)
    alive(500)
    expect(told.at(-1)).to.equal('up answers')
    // The next time it has to wait longer.
    news.down('late')
    alive(1_500)
    expect(told.at(-1)).to.equal('down late')
    alive(1_000)
    expect(told.at(-1)).to.equal('up answers')
    alive(10_000)
    expect(news.unsteady).to.equal(false)
  })

  it('end when they are closed', () => {
    alive(500)
    news.cut('closed')
    news.close()
    clock.pass(1_000)
    expect(told).to.deep.equal(['up answers'])
  })
})

// What is remembered of keys whose last answer was for its asker alone: for how long, of how many, and for which reasons.
import { expect } from 'chai'
import { type Clock, monotonicClock } from '../../src/clock.ts'
import { isForItself, Unshared } from '../../src/unshared.ts'

describe('a memory of answers that could not be shared', () => {
  let now: number
  let unshared: Unshared
  const clock: Clock = { ...monotonicClock, now: () => now }
  beforeEach(() => {
    now = 1_000
    unshared = new Unshared(clock, 100)
  })

  it('knows a key until it is told that its answer could be', () => {
    expect(unshared.has('a')).to.equal(false)
    unshared.remember('a')
    expect(unshared.has('a')).to.equal(true)
    expect(unshared.has('b')).to.equal(false)
    unshared.forget('a')
    unshared.forget('b')
    expect(unshared.has('a')).to.equal(false)
  })

  it('forgets a key after a minute, counted from the last answer', () => {
    unshared.remember('a')
    now += 59_999
    expect(unshared.has('a')).to.equal(true)
    unshared.remember('a')
    now += 59_999
    expect(unshared.has('a')).to.equal(true)
    now += 1
    expect(unshared.has('a')).to.equal(false)
  })

  // T45
  it('is bounded: of more keys it keeps those that were answered last', () => {
    for (let i = 0; i < 10_000; i++) {
      unshared.remember('hot')
      unshared.remember(`k${i}`)
      expect(unshared.size).to.be.at.most(100)
    }
    expect(unshared.has('hot')).to.equal(true)
    expect(unshared.has('k9999')).to.equal(true)
    expect(unshared.has('k9902')).to.equal(true)
    expect(unshared.has('k9900')).to.equal(false)
  })

  it('gives the room of what it forgot back', () => {
    for (let i = 0; i < 50; i++) unshared.remember(`k${i}`)
    now += 60_000
    unshared.remember('a')
    expect(unshared.size).to.equal(1)
  })

  // T42
  it('may be told any key', () => {
    for (const key of ['__proto__', 'constructor', '']) {
      expect(unshared.has(key)).to.equal(false)
      unshared.remember(key)
      expect(unshared.has(key)).to.equal(true)
    }
  })
})

describe('a reason that an answer is kept from others for', () => {
  const own = ['set-cookie', 'private', 'no-store', 'status-404', 'private-read', 'storable', 'too-large', 'trailers']
  for (const reason of [...own, 'detached', 'vary-any', 'vary-changed', 'event-stream', 'no-freshness']) {
    it(`lies in the answer where it is ${reason}`, () => expect(isForItself(reason)).to.equal(true))
  }
  for (const reason of ['client-left', 'failed', 'truncated', 'invalidated', 'first-sight', 'write-intent']) {
    it(`says nothing of the next answer where it is ${reason}`, () => expect(isForItself(reason)).to.equal(false))
  }
})

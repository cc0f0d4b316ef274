// What a doorkeeper remembers, and for how long.
import { expect } from 'chai'
import { Doorkeeper } from '../../../../src/guard/bloom/doorkeeper.ts'

describe('a doorkeeper', () => {
  it('knows a key from its second request on', () => {
    const doorkeeper = new Doorkeeper(1_000, 0.01)
    expect(['a', 'b', 'a', 'a', 'b'].map((key) => doorkeeper.knows(key))).to.deep.equal([
      false,
      false,
      true,
      true,
      true,
    ])
  })

  it('forgets all keys with the last request of a round', () => {
    const doorkeeper = new Doorkeeper(4, 0.0001)
    expect(['a', 'b', 'a', 'c', 'a', 'a'].map((key) => doorkeeper.knows(key))).to.deep.equal([
      false,
      false,
      true,
      false,
      false,
      true,
    ])
  })

  it('takes few new keys for known ones, even at the end of a round', () => {
    const doorkeeper = new Doorkeeper(10_000, 0.01)
    let known = 0
    for (let i = 0; i < 9_999; i++) if (doorkeeper.knows(`${i}`)) known++
    expect(known).to.be.below(9_999 * 0.01)
  })
})

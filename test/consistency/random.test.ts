// A seed replays all chance.
import { expect } from 'chai'
import { Random } from './random.ts'

describe('chance from a seed', () => {
  const draws = (random: Random) => Array.from({ length: 5 }, () => random.next())

  it('is the same each time, and another one for another seed', () => {
    expect(draws(new Random(1))).to.deep.equal(draws(new Random(1)))
    expect(draws(new Random(1))).not.to.deep.equal(draws(new Random(2)))
  })

  it('stays within its bounds and picks all there is', () => {
    const random = new Random(3)
    const picked = new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])))
    expect([...picked].sort()).to.deep.equal(['a', 'b', 'c'])
    for (let i = 0; i < 200; i++) expect(random.between(5, 7)).to.be.within(5, 7)
  })

  it('gives a fork whose draws do not hang on what its parent gives later', () => {
    const [one, other] = [new Random(4), new Random(4)]
    const forks = [one.fork(), other.fork()] as const
    one.next()
    expect(draws(forks[0])).to.deep.equal(draws(forks[1]))
  })
})

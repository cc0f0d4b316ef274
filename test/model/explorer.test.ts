// The explorer reaches every state, finds a shortest way to a broken property, and tells it readably.
import { expect } from 'chai'
import { explore, type Model, printed } from './explorer.ts'

interface Jugs {
  readonly three: number
  readonly five: number
}

/** Two jugs, of three and five litres, and a well. */
const jugs = (forbidden: number | undefined): Model<Jugs> => ({
  initial: { three: 0, five: 0 },
  steps({ three, five }) {
    const over = Math.min(three, 5 - five)
    const back = Math.min(five, 3 - three)
    return [
      { name: 'fill three', state: { three: 3, five } },
      { name: 'fill five', state: { three, five: 5 } },
      { name: 'empty three', state: { three: 0, five } },
      { name: 'empty five', state: { three, five: 0 } },
      { name: 'three into five', state: { three: three - over, five: five + over } },
      { name: 'five into three', state: { three: three + back, five: five - back } },
    ]
  },
  broken: ({ five }) => (five === forbidden ? `there are ${five} litres` : undefined),
  encode: ({ three, five }) => `${three},${five}`,
})

describe('the explorer', () => {
  it('reaches every state once', () => {
    expect(explore(jugs(undefined), 100)).to.deep.equal({ states: 16, violation: undefined })
  })

  it('finds the shortest way to a broken property', () => {
    const { violation } = explore(jugs(4), 100)
    expect(violation).to.deep.equal({
      property: 'there are 4 litres',
      trace: ['fill five', 'five into three', 'empty three', 'five into three', 'fill five', 'five into three'],
    })
  })

  it('finds nothing where nothing is broken', () => {
    expect(explore(jugs(6), 100).violation).to.equal(undefined)
  })

  it('gives up on a model that does not end', () => {
    const endless: Model<number> = {
      initial: 0,
      steps: (state) => [{ name: 'count', state: state + 1 }],
      broken: () => undefined,
      encode: String,
    }
    expect(() => explore(endless, 10)).to.throw(RangeError, 'more than 10 states')
  })

  it('prints a violation as numbered steps', () => {
    const told = printed(explore(jugs(2), 100).violation!)
    expect(told).to.equal('   1. fill five\n   2. five into three\n      => there are 2 litres')
  })
})

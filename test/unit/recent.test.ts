// A bounded memory keeps what was seen last, and forgets the rest.
import { expect } from 'chai'
import fc from 'fast-check'
import { Recent } from '../../src/recent.ts'

describe('a memory of what was seen last', () => {
  it('knows what it was told, the last word for each key', () => {
    const recent = new Recent<number>(10)
    expect(recent.get('a')).to.equal(undefined)
    recent.set('a', 1)
    recent.set('a', 2)
    expect(recent.get('a')).to.equal(2)
  })

  // T42
  it('may have any key', () => {
    const recent = new Recent<number>(10)
    for (const key of ['__proto__', 'constructor', '']) {
      expect(recent.get(key)).to.equal(undefined)
      recent.set(key, 1)
      expect(recent.get(key)).to.equal(1)
    }
  })

  // T45
  it('is bounded, and keeps at least the most recent half', () => {
    const recent = new Recent<number>(100)
    for (let i = 0; i < 10_000; i++) recent.set(`k${i}`, i)
    const known = Array.from({ length: 10_000 }, (_, i) => i).filter((i) => recent.get(`k${i}`) !== undefined)
    expect(known.length).to.be.within(50, 100)
    expect(known.slice(-50)).to.deep.equal(Array.from({ length: 50 }, (_, i) => 9_950 + i))
  })

  it('keeps what is asked for again and again', () => {
    const recent = new Recent<number>(10)
    recent.set('hot', 1)
    for (let i = 0; i < 1_000; i++) {
      recent.set(`cold${i}`, i)
      expect(recent.get('hot'), `${i}`).to.equal(1)
    }
  })

  it('never says what it was not told last', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), write: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 6 }), (steps, capacity) => {
        const recent = new Recent<number>(capacity)
        const truth = new Map<string, number>()
        for (const [i, { key, write }] of steps.entries()) {
          if (write) {
            recent.set(key, i)
            truth.set(key, i)
          } else expect([undefined, truth.get(key)]).to.include(recent.get(key))
        }
      }),
    )
  })
})

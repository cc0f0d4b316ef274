// The judge of a soak sees each kind of wrong answer, and no wrong where there is none.
import { expect } from 'chai'
import { bodyOf } from '../app/content.ts'
import { ROUTES } from '../app/routes.ts'
import { type Answered, Checker } from './checker.ts'

const route = (name: string) => ROUTES.find((one) => one.name === name)!

describe('the judge of a soak', () => {
  let checker: Checker

  beforeEach(() => {
    checker = new Checker()
    for (const version of [1, 2, 3]) checker.committed('7', version)
  })

  const label = { outcome: 'hit l1', degraded: false, stored: false } as const
  const read = (version: number, start: number, more: Partial<Answered> = {}) => {
    const url = `/${more.route?.name ?? 'items'}/7`
    return checker.judge({
      route: route('items'),
      id: '7',
      url,
      process: 0,
      start,
      label,
      text: bodyOf(url, version),
      ...more,
    })
  }

  it('finds nothing wrong with the newest answer, nor with any that no write forbids', () => {
    for (const version of [0, 1, 2, 3]) expect(read(version, 5_000)).to.equal(undefined)
  })

  it("sees another URL's bytes, a version that was never written, and a body that was cut or mixed", () => {
    expect(read(3, 0, { text: bodyOf('/items/8', 3) })).to.match(/other bytes/)
    expect(read(4, 0)).to.match(/answered with 4; the newest is 3/)
    const whole = bodyOf('/items/7', 3)
    for (const text of ['', whole.slice(0, -1), `${whole}x`, whole.replace('/items/7', '/items/8')]) {
      expect(read(3, 0, { text }), text).to.match(/other bytes/)
    }
  })

  it('sees an answer that is older than a write which was acknowledged everywhere more than the bound ago', () => {
    checker.acknowledged('7', 3, 1, 1_000, true)
    expect(read(2, 1_999)).to.equal(undefined)
    expect(read(2, 2_000)).to.match(/answered with 2 by process 0 .*; it had to be 3 at least/)
    expect(read(3, 2_000)).to.equal(undefined)
  })

  it('grants an answer that says degraded half a minute, no more', () => {
    checker.acknowledged('7', 3, 1, 1_000, true)
    const degraded = { label: { ...label, degraded: true } }
    expect(read(2, 30_999, degraded)).to.equal(undefined)
    expect(read(2, 31_000, degraded)).to.match(/degraded/)
  })

  it('grants a strong route nothing', () => {
    checker.acknowledged('7', 3, 1, 1_000, true)
    expect(read(2, 999, { route: route('strong') })).to.equal(undefined)
    expect(read(2, 1_000, { route: route('strong') })).to.match(/had to be 3/)
  })

  it('binds the process that ran a write at once, and nobody else to one that Redis did not confirm', () => {
    checker.acknowledged('7', 3, 1, 1_000, false)
    expect(read(2, 1_000, { process: 1 })).to.match(/by process 1/)
    expect(read(2, 100_000, { process: 0 })).to.equal(undefined)
  })

  it('forgets of many writes only those that say nothing any more', () => {
    for (let version = 4; version <= 300; version++) {
      checker.committed('7', version)
      checker.acknowledged('7', version, version % 2, version * 1_000, true)
    }
    expect(read(299, 301_000)).to.match(/had to be 300/)
    expect(read(270, 301_000, { label: { ...label, degraded: true } })).to.match(/had to be/)
  })
})

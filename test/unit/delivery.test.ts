// What an answer from an entry says of itself.
import { expect } from 'chai'
import { deliveryOf, type Source } from '../../src/delivery.ts'
import { entryOf } from './fixtures/entry.ts'

const entry = entryOf({ storedAt: 10_000, staleAt: 70_000, expiresAt: 70_000 })

describe('deliveryOf', () => {
  const members: [source: Source, degraded: boolean, via: string | undefined, status: string][] = [
    ['l1', false, undefined, 'tiercache-l1; hit; ttl=59'],
    ['l1', true, undefined, 'tiercache-l1; hit; ttl=59; detail=degraded'],
    ['l1', false, 'tiercache-l2; fwd=miss', 'tiercache-l2; fwd=miss, tiercache-l1; hit; ttl=59'],
    [
      'l1',
      false,
      'Origin; hit, tiercache-l2; hit; ttl=9',
      'Origin; hit, tiercache-l2; hit; ttl=9, tiercache-l1; hit; ttl=59',
    ],
    ['l2', false, undefined, 'tiercache-l2; hit; ttl=59, tiercache-l1; fwd=miss; stored'],
    ['l2', false, 'Origin; hit', 'Origin; hit, tiercache-l2; hit; ttl=59, tiercache-l1; fwd=miss; stored'],
    ['flight', false, undefined, 'tiercache-l1; fwd=miss; collapsed'],
    [
      'flight',
      true,
      'tiercache-l2; fwd=miss',
      'tiercache-l2; fwd=miss, tiercache-l1; fwd=miss; collapsed; detail=degraded',
    ],
  ]
  for (const [source, degraded, via, status] of members) {
    it(`says ${status}`, () => {
      expect(
        deliveryOf({ ...entry, via }, source, 10_500, degraded ? { detail: 'degraded' } : {}).cacheStatus,
      ).to.equal(status)
    })
  }

  // T79
  const ages: [now: number, age: number, ttl: number][] = [
    [10_000, 0, 60],
    [10_999, 0, 59],
    [11_000, 1, 59],
    [69_999, 59, 0],
    [70_000, 60, 0],
    [70_001, 60, -1],
    // An entry of another machine may seem to come from the future: by rounding, not by clocks.
    [9_999, 0, 60],
  ]
  for (const [now, age, ttl] of ages) {
    it(`counts whole seconds: age ${age} and ttl ${ttl} after ${now - 10_000} ms`, () => {
      const { age: said, cacheStatus } = deliveryOf(entry, 'l1', now)
      expect([said, cacheStatus]).to.deep.equal([age, `tiercache-l1; hit; ttl=${ttl}`])
    })
  }

  it('hands on the intervals it was given', () => {
    expect(deliveryOf(entry, 'l1', 0, { serverTiming: 'l1;dur=0.10' }).serverTiming).to.equal('l1;dur=0.10')
    expect(deliveryOf(entry, 'l1', 0).serverTiming).to.equal(undefined)
  })
})

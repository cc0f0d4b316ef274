// What an answer says of itself is read from its Cache-Status.
import { expect } from 'chai'
import { labelOf } from './label.ts'

describe('the label of an answer', () => {
  const cases: readonly (readonly [cacheStatus: string | undefined, label: string])[] = [
    [undefined, 'none'],
    ['tiercache-l1; hit; ttl=9', 'hit l1'],
    ['tiercache-l2; fwd=miss, tiercache-l1; hit; ttl=9; detail=degraded', 'hit l1 degraded'],
    ['tiercache-l2; hit; ttl=9, tiercache-l1; fwd=miss; stored', 'hit l2'],
    ['tiercache-l2; fwd=miss; stored, tiercache-l1; fwd=miss; stored', 'miss stored'],
    ['tiercache-l2; fwd=miss, tiercache-l1; fwd=miss; detail=versions-unknown', 'miss'],
    ['tiercache-l1; fwd=miss; collapsed', 'collapsed'],
    ['tiercache-l2; fwd=miss; collapsed, tiercache-l1; fwd=miss; stored', 'collapsed'],
    ['tiercache-l2; fwd=bypass, tiercache-l1; fwd=bypass; detail=degraded', 'bypass degraded'],
  ]
  for (const [cacheStatus, expected] of cases) {
    it(`of ${JSON.stringify(cacheStatus) ?? 'nothing'} is ${expected}`, () => {
      const { outcome, degraded, stored } = labelOf(cacheStatus)
      expect([outcome, degraded && 'degraded', stored && 'stored'].filter(Boolean).join(' ')).to.equal(expected)
    })
  }
})

// What an answer that came over the network says of itself.
import { expect } from 'chai'
import { endOf } from '../../../src/warm/through-network.ts'
import type { WarmEnd } from '../../../src/warm/warm-result.ts'

const cases: readonly [cacheStatus: string, outcome: WarmEnd['outcome'], reason?: string | undefined][] = [
  ['tiercache-l1; fwd=miss; stored', 'stored'],
  ['tiercache-l2; fwd=miss; stored, tiercache-l1; fwd=miss; stored', 'stored'],
  ['tiercache-l1; hit; ttl=296', 'hit'],
  ['tiercache-l2; hit; ttl=200, tiercache-l1; fwd=miss; stored', 'hit'],
  ['tiercache-l2; fwd=miss, tiercache-l1; hit; ttl=9', 'hit'],
  ['tiercache-l1; fwd=miss; collapsed', 'hit'],
  ['tiercache-l2; fwd=miss; collapsed, tiercache-l1; fwd=miss; stored', 'hit'],
  ['tiercache-l1; fwd=miss; detail=set-cookie', 'notStored', 'set-cookie'],
  ['tiercache-l1; fwd=bypass; detail="a, b; c"', 'notStored', '"a, b; c"'],
  ['tiercache-l1; fwd=miss', 'notStored', undefined],
  ['', 'notStored', 'no-cache-status'],
  ['Nginx; hit', 'notStored', 'no-cache-status'],
  // Of a service behind it that is cached itself, only the nearest cache counts.
  ['tiercache-l1; hit; ttl=5, tiercache-l1; fwd=miss; detail=private', 'notStored', 'private'],
  ['tiercache-l1; hit; ttl=5, tiercache-l1; fwd=miss; stored', 'stored'],
]

describe('the answer of a server that runs', () => {
  for (const [cacheStatus, outcome, reason] of cases) {
    it(`is ${outcome} by '${cacheStatus}'`, () => {
      expect(endOf(200, cacheStatus)).to.deep.equal({ outcome, status: 200, reason })
    })
  }

  it('has failed with a 500, whatever it says', () => {
    expect(endOf(500, 'tiercache-l1; hit')).to.deep.equal({ outcome: 'failed', status: 500, reason: 'status-500' })
  })
})

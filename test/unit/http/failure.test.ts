// Which statuses say that a handler failed, and what status a thrown value stands for.
import { expect } from 'chai'
import { isFailure, thrownStatus } from '../../../src/http/failure.ts'

describe('a failure', () => {
  it('is 500, 502, 503 or 504, and no other status', () => {
    const all = Array.from({ length: 600 }, (_, status) => status)
    expect(all.filter(isFailure)).to.deep.equal([500, 502, 503, 504])
  })

  for (const [thrown, status] of [
    [new Error('gone'), 500],
    [Object.assign(new Error('busy'), { status: 503 }), 503],
    [Object.assign(new Error('no'), { statusCode: 404 }), 404],
    [Object.assign(new Error('odd'), { status: 999 }), 500],
    [Object.assign(new Error('odd'), { status: '404' }), 500],
    [undefined, 500],
    [null, 500],
    ['gone', 500],
  ] as const) {
    it(`has the status ${status} where ${String(thrown)} is thrown`, () => {
      expect(thrownStatus(thrown)).to.equal(status)
    })
  }
})

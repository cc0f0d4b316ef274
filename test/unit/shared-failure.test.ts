// The answer that those get who waited for a run that failed: a status, its phrase, and the wish that nobody keeps it.
import { expect } from 'chai'
import { sharedFailure } from '../../src/shared-failure.ts'

describe('a failure that is shared', () => {
  for (const [status, body] of [
    [500, 'Internal Server Error\n'],
    [502, 'Bad Gateway\n'],
    [503, 'Service Unavailable\n'],
    [504, 'Gateway Timeout\n'],
    [599, '599\n'],
  ] as const) {
    it(`says ${status} in words, and forbids storing`, () => {
      const answer = sharedFailure(status)
      expect({ ...answer, body: answer.body.toString() }).to.deep.equal({
        status,
        headers: [
          ['Content-Type', 'text/plain; charset=utf-8'],
          ['Cache-Control', 'no-store'],
        ],
        removed: [],
        body,
      })
    })
  }
})

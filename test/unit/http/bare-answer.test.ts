// Answers of the cache's own: a status, its phrase, and the wish that nobody keeps it.
import { expect } from 'chai'
import { bareAnswer } from '../../../src/http/bare-answer.ts'

describe("an answer of the cache's own", () => {
  for (const [status, body] of [
    [500, 'Internal Server Error\n'],
    [502, 'Bad Gateway\n'],
    [503, 'Service Unavailable\n'],
    [504, 'Gateway Timeout\n'],
    [599, '599\n'],
  ] as const) {
    it(`says ${status} in words, and forbids storing`, () => {
      const answer = bareAnswer(status)
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

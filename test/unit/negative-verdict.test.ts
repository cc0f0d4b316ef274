// Whether an answer says that there is nothing: what the predicate is shown, and what becomes of whatever it returns.
import { expect } from 'chai'
import type { StoredResponse } from '../../src/http/exchange.ts'
import { negativeRules, type WholeAnswer } from '../../src/negative-option.ts'
import { negativeVerdict } from '../../src/negative-verdict.ts'

const answer = (parts: Partial<StoredResponse> = {}): StoredResponse => ({
  status: 200,
  headers: [
    ['Content-Type', 'application/json'],
    ['Link', ['<a>', '<b>']],
  ],
  removed: [],
  body: Buffer.from('{"items":[]}'),
  ...parts,
})

/** The verdict, and the errors that were told. */
function judge(when: unknown, response = answer()) {
  const errors: unknown[] = []
  const rules = negativeRules({ when })
  return { verdict: negativeVerdict(response, rules, (error) => errors.push(error)), errors }
}

describe('negativeVerdict', () => {
  // T28
  for (const [status, is] of [
    [404, true],
    [410, true],
    [200, false],
    [204, false],
    [301, false],
  ] as const) {
    it(`calls a ${status} ${is ? 'negative' : 'no negative answer'} by its status`, () => {
      const never = () => expect.fail('told')
      for (const rules of [undefined, negativeRules(true)])
        expect(negativeVerdict(answer({ status }), rules, never)).to.equal(is)
    })
  }

  it('does not ask of what is negative by its status', () => {
    expect(judge(() => expect.fail('asked'), answer({ status: 404 }))).to.deep.equal({ verdict: true, errors: [] })
  })

  it('goes by true and false', () => {
    for (const verdict of [true, false]) expect(judge(() => verdict)).to.deep.equal({ verdict, errors: [] })
  })

  it('shows status, phrase, fields and body, also where they are taken apart', () => {
    const seen: unknown[] = []
    const when = ({ status, statusMessage, headers, body, text, json }: WholeAnswer) => {
      seen.push({ status, statusMessage, headers, body, text: text(), json: json() })
      return true
    }
    const response = answer({ statusMessage: 'Nothing' })
    judge(when, response)
    expect(seen).to.deep.equal([
      {
        status: 200,
        statusMessage: 'Nothing',
        headers: response.headers,
        body: response.body,
        text: '{"items":[]}',
        json: { items: [] },
      },
    ])
  })

  it('shows undefined for a body that is no JSON', () => {
    for (const body of ['', '<p>', '{"a":', '\xff']) {
      const when = ({ json }: WholeAnswer) => json() === undefined
      expect(judge(when, answer({ body: Buffer.from(body, 'latin1') })).verdict, body).to.equal(true)
    }
  })

  // T78
  it('shows copies: what the predicate writes to them is not in the answer', () => {
    const response = answer()
    judge(({ headers, body }: WholeAnswer) => {
      body.fill('x')
      const fields = headers as [string, string | string[]][]
      for (const field of fields) {
        if (Array.isArray(field[1])) field[1].push('<c>')
        field[0] = 'X-Changed'
      }
      fields.push(['X-Added', '1'])
      return false
    }, response)
    expect(response).to.deep.equal(answer())
  })

  const none: Readonly<Record<string, () => unknown>> = {
    nothing: () => undefined,
    null: () => null,
    'a number': () => 0,
    'a text': () => 'true',
    'an object': () => ({}),
    'an array': () => [],
    'a promise': async () => true,
    'a promise that rejects': () => Promise.reject(new Error('later')),
  }
  for (const [what, when] of Object.entries(none)) {
    it(`takes ${what} for a failure, and says what it expected`, async () => {
      const unhandled: unknown[] = []
      const note = (error: unknown) => unhandled.push(error)
      process.on('unhandledRejection', note)
      const { verdict, errors } = judge(when)
      expect(verdict).to.equal('negative-failed')
      expect(errors).to.have.length(1)
      expect(errors[0]).to.be.instanceOf(TypeError)
      expect(String(errors[0])).to.include('Expected `negativeTtl.when` to return true or false, got ')
      // A rejection that nobody handles would be reported by now.
      await new Promise((resolve) => setImmediate(resolve))
      process.off('unhandledRejection', note)
      expect(unhandled).to.deep.equal([])
    })
  }

  it('takes what it throws for a failure', () => {
    const error = new Error('no items')
    const when = () => {
      throw error
    }
    expect(judge(when)).to.deep.equal({ verdict: 'negative-failed', errors: [error] })
  })
})

// Every form of a head: status, phrase and fields come again as they were written.

import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import {
  expectFilledBehindNotModified,
  expectSameRun,
  expectSameThenReplay,
  expressTwin,
  nodeTwin,
  type Twin,
  trace,
} from '../../support/compare.ts'
import { ask, value, values } from '../../support/wire.ts'

type Writer = (res: ServerResponse) => unknown

// T6
const forms: Record<string, Writer> = {
  'statusCode and setHeader': (res) => {
    res.statusCode = 203
    res.setHeader('X-a', 'b').setHeader('X-Number', 7).end('.')
  },
  'a phrase of its own': (res) => {
    res.statusMessage = 'Quite Fine'
    res.end('.')
  },
  'writeHead(status)': (res) => res.writeHead(203).end('.'),
  'writeHead(status, phrase)': (res) => res.writeHead(200, 'Well Done').end('.'),
  'writeHead(status, phrase, fields)': (res) => res.writeHead(200, 'Well Done', { 'X-A': 'b' }).end('.'),
  'writeHead(status, undefined, fields)': (res) => res.writeHead(200, undefined, { 'X-A': 'b' }).end('.'),
  'writeHead(status, fields)': (res) => res.writeHead(200, { 'x-Mixed-CASE': 'b', 'X-Number': 7 }).end('.'),
  'writeHead(status, fields with several values)': (res) => res.writeHead(200, { Link: ['<a>', '<b>'] }).end('.'),
  'writeHead(status, [k, v, k, v])': (res) => res.writeHead(200, ['X-A', 'b', 'X-Number', 7]).end('.'),
  'writeHead(status, phrase, [k, v])': (res) => res.writeHead(200, 'Well Done', ['X-A', 'b']).end('.'),
  'writeHead over fields set before': (res) => {
    res.setHeader('X-A', 'old').setHeader('X-Kept', '1')
    res.writeHead(200, { 'x-a': 'new' }).end('.')
  },
  'writeHead([k, v, k, v]) over fields set before': (res) => {
    res.setHeader('Link', '<old>').setHeader('X-Kept', '1')
    res.writeHead(200, ['link', '<a>', 'X-A', 'b']).end('.')
  },
  'writeHead with a length': (res) => res.writeHead(200, { 'Content-Length': 2 }).end('ab'),
  'writeHead and write': (res) => {
    res.writeHead(200, { 'X-A': 'b' }).write('a')
    res.end('b')
  },
  'writeHead with an empty object': (res) => res.writeHead(200, {}).end('.'),
  // Node takes the integer part of whatever it is given.
  "writeHead('203')": (res) => res.writeHead('203' as unknown as number, { 'X-A': 'b' }).end('.'),
  'writeHead(203.7)': (res) => res.writeHead(203.7, { 'X-A': 'b' }).end('.'),
  'setHeaders(Headers)': (res) => res.setHeaders(new Headers({ 'X-A': 'b', Link: '<a>, <b>' })).end('.'),
  'setHeaders(Map)': (res) => res.setHeaders(new Map([['X-A', ['b', 'c']]])).end('.'),
  appendHeader: (res) => res.appendHeader('Link', '<a>').appendHeader('Link', ['<b>', '<c>']).end('.'),
  'a field set, removed and set': (res) => {
    res.setHeader('X-A', 'old')
    res.removeHeader('x-a')
    res.setHeader('X-B', '1')
    res.setHeader('x-a', 'new').end('.')
  },
  // Before a string Node writes the head in the string's encoding, before bytes in latin1.
  'latin1 in a value': (res) => res.setHeader('X-A', 'caf\u00e9 \u00ff').end(Buffer.from('.')),
  'an empty value': (res) => res.setHeader('X-A', '').end('.'),
  'a status without a body': (res) => res.writeHead(204, { 'X-A': 'b' }).end(),
  'a body where the status has none': (res) => {
    res.statusCode = 204
    res.write('ignored')
    res.end('too')
  },
  'a status that moved for ever': (res) => res.writeHead(301, { Location: '/there' }).end('moved'),
  'no Date': (res) => {
    res.sendDate = false
    res.end('.')
  },
}

for (const [framework, makeTwin] of [
  ['Express', (write: Writer) => expressTwin((_req, res) => void write(res))],
  ['node:http', (write: Writer) => nodeTwin((_req, res) => void write(res))],
] as const) {
  describe(`a head on ${framework}`, () => {
    let twin: Twin
    afterEach(() => twin.stop())

    for (const [form, write] of Object.entries(forms)) {
      it(`is stored as it was sent: ${form}`, async () => {
        twin = await makeTwin(write)
        await expectSameThenReplay(twin)
      })

      // T81
      it(`is stored as it would have been sent, behind a 304: ${form}`, async () => {
        twin = await makeTwin(write)
        await expectFilledBehindNotModified(twin)
      })
    }

    // T6
    const wrong: Record<string, Writer> = {
      'writeHead(99)': (res) => res.writeHead(99),
      'writeHead(1000)': (res) => res.writeHead(1000),
      'writeHead(NaN)': (res) => res.writeHead(Number.NaN),
      'a forbidden character in a value': (res) => res.writeHead(200, { 'X-A': 'a\nb' }),
      'a forbidden character in a name': (res) => res.writeHead(200, { 'X A': 'a' }),
      'a forbidden character in the phrase': (res) => res.writeHead(200, 'a\nb'),
      'an undefined value': (res) => res.writeHead(200, { 'X-A': undefined }),
      'a flat array of odd length': (res) => res.writeHead(200, ['X-A', 'b', 'X-B']),
    }
    for (const [form, write] of Object.entries(wrong)) {
      it(`that cannot be sent fails as it does without the cache: ${form}`, async () => {
        twin = await makeTwin((res) => {
          try {
            write(res)
            res.end('sent')
          } catch (error) {
            for (const name of res.getHeaderNames()) res.removeHeader(name)
            res.statusCode = 500
            res.statusMessage = 'Failed'
            res.end((error as { code: string }).code)
          }
        })
        const { reference } = await expectSameRun(twin)
        expect(reference.status, 'what Node thinks of it').to.equal(500)
        const [outcome, verdict] = trace(twin.events)
        expect(outcome).to.equal('miss')
        expect(verdict).to.be.oneOf(['status-500', 'failed'])
      })
    }
  })
}

describe('a head written as an array', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // T6, T9: Node 20 keeps only the last of them where a field was set before
  it('keeps every value of a doubled name', async () => {
    twin = await expressTwin((_req, res) => res.writeHead(200, ['Link', '<a>', 'X-A', 'b', 'Link', '<b>']).end('.'))
    for (const outcome of [/miss; stored/, /hit/]) {
      const answer = await ask(twin.cached)
      expect(value(answer, 'cache-status')).to.match(outcome)
      expect(values(answer, 'link')).to.deep.equal(['<a>', '<b>'])
    }
  })

  it('that is refused for a field keeps the status and the phrase, as Node does', async () => {
    twin = await expressTwin((_req, res) => {
      expect(() => res.writeHead(203, 'Fine', { 'X-A': 'a\nb' })).to.throw(TypeError)
      res.end('body')
    })
    const { reference } = await expectSameRun(twin)
    expect(reference).to.include({ status: 203, phrase: 'Fine' })
  })

  it('of pairs, which Node takes where no field was set before, is stored as it was sent', async () => {
    const pairs = ['X-A b', 'Link <a>', 'Link <b>'].map((pair) => pair.split(' ')) as unknown as string[]
    twin = await nodeTwin((_req, res) => res.writeHead(200, pairs).end('.'))
    const { replay } = await expectSameThenReplay(twin)
    expect(values(replay, 'link')).to.deep.equal(['<a>', '<b>'])
  })
})

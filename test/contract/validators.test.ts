// Conditional requests: 304 where the client's copy is still good, cold and warm, and never a cache that stays empty for it.

import { Readable } from 'node:stream'
import { expect } from 'chai'
import { ask, type WireAnswer } from '../support/wire.ts'
import { overFrameworks, type Reply, type Running } from './middleware.ts'

const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'

/** What a client asks of an answer with these validators, and the status it gets. */
interface Condition {
  readonly has: Readonly<Record<string, string>>
  readonly asks: Readonly<Record<string, string | string[]>>
  readonly status: 200 | 304
}

const tag = (etag: string, ifNoneMatch: string | string[], status: 200 | 304): Condition => ({
  has: { ETag: etag },
  asks: { 'If-None-Match': ifNoneMatch },
  status,
})
const date = (since: string, status: 200 | 304): Condition => ({
  has: { 'Last-Modified': MODIFIED },
  asks: { 'If-Modified-Since': since },
  status,
})
const both = (asks: { tag: string; since: string }, status: 200 | 304): Condition => ({
  has: { ETag: '"v1"', 'Last-Modified': MODIFIED },
  asks: { 'If-None-Match': asks.tag, 'If-Modified-Since': asks.since },
  status,
})

// T80
const conditions: Record<string, Condition> = {
  'the same tag': tag('"v1"', '"v1"', 304),
  'the weak form of a strong tag': tag('"v1"', 'W/"v1"', 304),
  'the strong form of a weak tag': tag('W/"v1"', '"v1"', 304),
  'the same weak tag': tag('W/"v1"', 'W/"v1"', 304),
  'another tag': tag('"v1"', '"v2"', 200),
  'a tag of other letter case': tag('"v1"', '"V1"', 200),
  'a part of the tag': tag('"v1"', '"v"', 200),
  'a tag without quotes': tag('"v1"', 'v1', 200),
  'any tag': tag('"v1"', '*', 304),
  'a list with the tag first': tag('"v1"', '"v1", "v2"', 304),
  'a list with the tag last': tag('"v1"', '"v0" , W/"v1"', 304),
  'a list without spaces': tag('"v1"', '"v0","v1"', 304),
  'a list with empty members': tag('"v1"', ', "v0",, "v1" ,', 304),
  'a list without the tag': tag('"v1"', '"v0", "v2"', 200),
  'several lines': tag('"v1"', ['"v0"', '"v1"'], 304),
  'a tag with a comma': tag('"a,b"', '"a,b"', 304),
  'a list with a tag with a comma': tag('"a,b"', '"x", "a,b", "y"', 304),
  'the halves of a tag with a comma': tag('"a,b"', '"a", "b"', 200),
  // A tag knows no escapes: its backslash is a character like others (RFC 9110 §8.8.3).
  'a list after a tag that ends in a backslash': tag('"v1"', '"a\\", "v1"', 304),
  'a tag that ends in a backslash, first of a list': tag('"a\\"', '"a\\", "v1"', 304),
  'an empty tag': tag('""', '""', 304),
  'a quote that never ends': tag('"v1"', '"v1', 200),
  'the same date': date(MODIFIED, 304),
  'a later date': date('Wed, 21 Oct 2015 07:28:01 GMT', 304),
  'an earlier date': date('Wed, 21 Oct 2015 07:27:59 GMT', 200),
  'the date as RFC 850 wrote it': date('Wednesday, 21-Oct-15 07:28:00 GMT', 304),
  'an earlier date as RFC 850 wrote it': date('Wednesday, 21-Oct-15 07:27:59 GMT', 200),
  'the date as asctime wrote it': date('Wed Oct 21 07:28:00 2015', 304),
  'an earlier date as asctime wrote it': date('Wed Oct 21 07:27:59 2015', 200),
  'a date that is none': date('yesterday', 200),
  'a date in a format of another standard': date('2015-10-21T07:28:00Z', 200),
  'a number': date('1445412480000', 200),
  'another tag and the same date': both({ tag: '"v2"', since: MODIFIED }, 200),
  'the same tag and an earlier date': both({ tag: '"v1"', since: 'Wed, 21 Oct 2015 07:27:59 GMT' }, 304),
  'a date where there is none': { has: { ETag: '"v1"' }, asks: { 'If-Modified-Since': MODIFIED }, status: 200 },
  'a tag where there is only a date': {
    has: { 'Last-Modified': MODIFIED },
    asks: { 'If-None-Match': '"v1"', 'If-Modified-Since': MODIFIED },
    status: 200,
  },
}

overFrameworks('a conditional client', (harness) => {
  let app: Running
  let seen: unknown[]
  let reply: () => Reply
  const zone = process.env.TZ

  beforeEach(async () => {
    seen = []
    app = await harness.start((app) => {
      app.read(
        '/answer',
        ({ headers }) => {
          seen.push(headers['if-none-match'], headers['if-modified-since'])
          return reply()
        },
        '1m',
        { vary: ['Accept-Language'], negativeTtl: '5s' },
      )
    })
  })
  afterEach(async () => {
    if (zone === undefined) Reflect.deleteProperty(process.env, 'TZ')
    else process.env.TZ = zone
    await app.stop()
  })

  const outcomes = () =>
    app.events.flatMap((event) => {
      if (event.type === 'request') return [event.outcome]
      return event.type === 'run' ? [event.stored ? 'stored' : event.reason] : []
    })
  const expectAnswer = (answer: WireAnswer, status: number) => {
    expect(answer.status).to.equal(status)
    expect(answer.body.toString()).to.equal(status === 304 ? '' : 'body')
  }

  for (const [what, { has, asks, status }] of Object.entries(conditions)) {
    // T80, T81
    it(`that asks for ${what} gets ${status}, cold and warm, and the cache fills`, async () => {
      process.env.TZ = 'America/New_York'
      reply = () => ({ headers: { 'Content-Type': 'text/plain', ...has }, body: Buffer.from('body') })
      const headers = { ...asks }
      expectAnswer(await ask(app.port, { headers }), status)
      expectAnswer(await ask(app.port, { headers }), status)
      expectAnswer(await ask(app.port), 200)
      expect(outcomes()).to.deep.equal(['miss', 'stored', 'hit', 'hit'])
      expect(seen, 'what the handler saw').to.deep.equal([undefined, undefined])
    })
  }

  // T81
  const streamed: Record<string, Record<string, string>> = {
    'of unknown length': {},
    'of known length': { 'Content-Length': '4' },
  }
  for (const [what, fields] of Object.entries(streamed)) {
    it(`gets 304 on a cold cache for a stream ${what}, and the cache fills`, async () => {
      reply = () => ({
        headers: { ETag: '"v1"', ...fields },
        body: Readable.from([Buffer.from('bo'), Buffer.from('dy')]),
      })
      const headers = { 'If-None-Match': '"v1"' }
      expectAnswer(await ask(app.port, { headers }), 304)
      expectAnswer(await ask(app.port, { headers }), 304)
      expectAnswer(await ask(app.port), 200)
      expect(outcomes()).to.deep.equal(['miss', 'stored', 'hit', 'hit'])
    })
  }
})

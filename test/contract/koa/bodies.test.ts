// Every type of body that Koa answers with: the same bytes and fields behind the cache, and again from it.

import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { Context } from 'koa'
import {
  expectFilledBehindNotModified,
  expectSameNeverStored,
  expectSameThenReplay,
  koaTwin,
  type Twin,
  trace,
} from '../../support/compare.ts'
import { ask, expectSame, values } from '../../support/wire.ts'

type Answerer = (ctx: Context) => unknown

const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
const webStream = (text: string) => new Blob([text]).stream()

// T22, T19
const stored: Record<string, Answerer> = {
  'a string': (ctx) => (ctx.body = 'zażółć'),
  'a string that looks like HTML': (ctx) => (ctx.body = ' <p>hi</p>'),
  'an empty string': (ctx) => (ctx.body = ''),
  "'0'": (ctx) => (ctx.body = '0'),
  "'false'": (ctx) => (ctx.body = 'false'),
  'a Buffer': (ctx) => (ctx.body = bytes),
  'a large string': (ctx) => (ctx.body = 'ż'.repeat(200_000)),
  'a large Buffer without a type': (ctx) => {
    ctx.body = Buffer.alloc(300_001, 'b')
    ctx.remove('Content-Type')
  },
  'a large object': (ctx) => (ctx.body = { a: 'ż'.repeat(200_000) }),
  'an empty Buffer': (ctx) => (ctx.body = Buffer.alloc(0)),
  'a Buffer out of the pool': (ctx) => (ctx.body = Buffer.from('0123456789').subarray(3, 7)),
  'a Uint8Array, which Koa takes for an object': (ctx) => (ctx.body = Uint8Array.of(1, 2)),
  'an object': (ctx) => (ctx.body = { a: [1, 'ż', null] }),
  'an array': (ctx) => (ctx.body = []),
  'an object with toJSON': (ctx) => (ctx.body = new Date(0)),
  'a number': (ctx) => (ctx.body = 5),
  '0': (ctx) => (ctx.body = 0),
  false: (ctx) => (ctx.body = false),
  true: (ctx) => (ctx.body = true),
  'null, which is 204': (ctx) => (ctx.body = null),
  'undefined, which is 204': (ctx) => (ctx.body = undefined),
  'null with a status of its own': (ctx) => {
    ctx.body = null
    ctx.status = 200
  },
  'null of type JSON with a status of its own': (ctx) => {
    ctx.status = 200
    ctx.type = 'json'
    ctx.body = null
  },
  'a status without a body': (ctx) => (ctx.status = 200),
  'a status and a phrase without a body': (ctx) => {
    ctx.status = 200
    ctx.message = 'Quite Fine'
  },
  'a status and a type without a body': (ctx) => {
    ctx.type = 'html'
    ctx.status = 200
  },
  'status 203 and a body': (ctx) => {
    ctx.status = 203
    ctx.body = 'transformed'
  },
  'a phrase and a body': (ctx) => {
    ctx.status = 200
    ctx.message = 'Quite Fine'
    ctx.body = 'body'
  },
  'status 204 after a typed body': (ctx) => {
    ctx.type = 'json'
    ctx.body = { a: 1 }
    ctx.set('X-Kept', '1')
    ctx.status = 204
  },
  'status 204 alone': (ctx) => (ctx.status = 204),
  'a permanent redirect': (ctx) => {
    ctx.status = 301
    ctx.redirect('/there?a=ż')
  },
  'a type of its own': (ctx) => {
    ctx.type = 'image/svg+xml'
    ctx.body = '<svg/>'
  },
  'a type that the handler removed': (ctx) => {
    ctx.body = 'untyped'
    ctx.remove('Content-Type')
  },
  'a length of its own': (ctx) => {
    ctx.body = { a: 1 }
    ctx.length = 7
  },
  'several values of one field': (ctx) => {
    ctx.set('Link', ['<z>', '<a>'])
    ctx.append('Link', '<b>')
    ctx.append('X-Own', '1')
    ctx.body = 'body'
  },
  'an ETag and a date of its own': (ctx) => {
    ctx.body = 'body'
    ctx.etag = 'own'
    ctx.lastModified = new Date(0)
  },
  attachment: (ctx) => {
    ctx.attachment('list of "all".csv')
    ctx.body = 'a;b'
  },
  'a body set twice': (ctx) => {
    ctx.body = '<p>first</p>'
    ctx.body = { second: true }
  },
  'a stream replaced by a string': (ctx) => {
    ctx.body = Readable.from(['never read'])
    ctx.body = 'string'
  },
  'a Blob': (ctx) => (ctx.body = new Blob(['blob ', 'of two'], { type: 'text/csv' })),
  'a Blob without a type': (ctx) => (ctx.body = new Blob([bytes])),
  'an empty Blob': (ctx) => (ctx.body = new Blob([])),
  'a ReadableStream': (ctx) => (ctx.body = webStream('web stream')),
  'an empty ReadableStream': (ctx) => (ctx.body = webStream('')),
  'a Response': (ctx) =>
    (ctx.body = new Response('response', { headers: { 'X-Own': '1', 'Cache-Control': 'max-age=9' } })),
  'a Response of a stream': (ctx) => (ctx.body = new Response(webStream('streamed'), { status: 203 })),
  'a Response of JSON': (ctx) => (ctx.body = Response.json({ a: 1 })),
  'a Response without a body': (ctx) => (ctx.body = new Response(null)),
  'a Response of 204': (ctx) => (ctx.body = new Response(null, { status: 204 })),
}

// T22: what may not be stored, of each type, since some bodies can be read only once
const unstorable: Record<string, Answerer> = {
  'a string': (ctx) => (ctx.body = 'string'),
  'an object': (ctx) => (ctx.body = { a: 1 }),
  'a Buffer': (ctx) => (ctx.body = bytes),
  'a stream': (ctx) => (ctx.body = Readable.from(['a', 'b'])),
  'a Blob': (ctx) => (ctx.body = new Blob(['blob'])),
  'a ReadableStream': (ctx) => (ctx.body = webStream('web stream')),
  'a Response': (ctx) => (ctx.body = new Response('response')),
  'a Response of a stream': (ctx) => (ctx.body = new Response(webStream('streamed'))),
  'a status without a body': (ctx) => (ctx.status = 200),
  null: (ctx) => (ctx.body = null),
}

describe('a body of Koa', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  for (const [type, answer] of Object.entries(stored)) {
    it(`is stored and replayed as it was sent: ${type}`, async () => {
      twin = await koaTwin((ctx) => void answer(ctx))
      await expectSameThenReplay(twin)
    })

    // T81
    it(`is stored behind a 304 on a cold cache: ${type}`, async () => {
      twin = await koaTwin((ctx) => void answer(ctx))
      await expectFilledBehindNotModified(twin)
    })
  }

  for (const [type, answer] of Object.entries(unstorable)) {
    it(`that may not be stored is sent as without the cache: ${type}`, async () => {
      twin = await koaTwin((ctx) => {
        ctx.set('Cache-Control', 'private')
        answer(ctx)
      })
      await expectSameNeverStored(twin, 'private')
    })

    it(`that goes around the cache is sent as without it: ${type}`, async () => {
      twin = await koaTwin((ctx) => void answer(ctx))
      await expectSameBypass(twin)
    })
  }

  // T19, T27: a 404 without a body, and nothing answered at all
  it('may be missing, as a negative entry too', async () => {
    twin = await koaTwin(() => undefined, { route: { negativeTtl: '5s' } })
    await expectSameThenReplay(twin)
  })

  it('may be missing, and is not stored where no negativeTtl is given', async () => {
    twin = await koaTwin(() => undefined)
    await expectSameNeverStored(twin, 'status-404')
  })

  // T12
  const announced: Record<string, Answerer> = {
    'a string': (ctx) => {
      ctx.body = 'string'
      ctx.length = 99
    },
    'a Buffer': (ctx) => {
      ctx.body = bytes
      ctx.length = 99
    },
    'a Blob': (ctx) => {
      ctx.body = new Blob([bytes])
      ctx.length = 999
    },
  }
  for (const [type, answer] of Object.entries(announced)) {
    it(`of another length than announced is not stored: ${type}`, async () => {
      twin = await koaTwin((ctx) => void answer(ctx))
      await expectSameNeverStored(twin, 'truncated')
    })
  }

  // T22
  it('that Koa cannot send fails as it does without the cache', async () => {
    twin = await koaTwin((ctx) => {
      ctx.body = { a: 1n }
    })
    await expectSameNeverStored(twin, 'failed')
  })
})

async function expectSameBypass(twin: Twin): Promise<void> {
  const question = { path: '/answer?is_not_cache=1' }
  const reference = await ask(twin.bare, question)
  const [first, second] = [await ask(twin.cached, question), await ask(twin.cached, question)]
  for (const answer of [first, second]) {
    expectSame(answer, reference)
    expect(values(answer, 'etag')).to.deep.equal([])
  }
  expect(trace(twin.events)).to.deep.equal(['bypass', 'bypass'])
}

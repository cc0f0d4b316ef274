// The cache's place in the onion: what crosses it is stored, what outer middleware does afterwards is done to every answer anew.

import { createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Context, Middleware, Next } from 'koa'
import { expectSameNeverStored, expectSameRun, koaTwin, type Twin, trace } from '../../support/compare.ts'
import { ask, expectReplay, value, values } from '../../support/wire.ts'

describe('outer middleware of Koa', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const json: Middleware = (ctx) => {
    ctx.body = { a: 1 }
  }

  // T24
  const changes: Record<string, (ctx: Context) => unknown> = {
    'sets a field': (ctx) => ctx.set('X-After', '1'),
    'replaces the body by a string': (ctx) => (ctx.body = 'replaced'),
    'replaces the body by an object': (ctx) => (ctx.body = { replaced: true }),
    'wraps the bytes': (ctx) => {
      const { body } = ctx
      ctx.body = `<${Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body)}>`
    },
    'removes a field': (ctx) => ctx.remove('Content-Type'),
    'sets an ETag of its own': (ctx) => ctx.set('ETag', '"outer"'),
    'changes the status': (ctx) => (ctx.status = 203),
    'empties the answer': (ctx) => (ctx.status = 204),
    compresses: (ctx) => {
      const { body } = ctx
      ctx.set('Content-Encoding', 'gzip')
      ctx.body = gzipSync(Buffer.isBuffer(body) ? body : JSON.stringify(body))
    },
    'compresses as a stream': (ctx) => {
      const { body } = ctx
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
      ctx.set('Content-Encoding', 'gzip')
      ctx.remove('Content-Length')
      const gzip = createGzip()
      ctx.body = gzip
      gzip.end(bytes)
    },
  }
  for (const [what, change] of Object.entries(changes)) {
    it(`changes a replay as it changed the run: ${what}`, async () => {
      const outer = async (ctx: Context, next: Next) => {
        await next()
        // An ETag of ours names the bytes that crossed our place: whoever changes them replaces or removes it.
        ctx.remove('ETag')
        change(ctx)
      }
      twin = await koaTwin([outer, undefined, json])
      const { reference, run } = await expectSameRun(twin)
      const replay = await ask(twin.cached)
      expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit'])
      if (what === 'compresses as a stream') expect(gunzipSync(replay.body)).to.deep.equal(gunzipSync(run.body))
      else expectReplay(replay, reference)
    })
  }

  it('is not stored with the answer: each client gets what that middleware makes for it', async () => {
    twin = await koaTwin([
      async (ctx, next) => {
        await next()
        ctx.set('X-User', ctx.get('X-Me'))
        ctx.append('Set-Cookie', `me=${ctx.get('X-Me')}`)
      },
      undefined,
      json,
    ])
    const answers = [
      await ask(twin.cached, { headers: { 'X-Me': 'ann' } }),
      await ask(twin.cached, { headers: { 'X-Me': 'bob' } }),
    ]
    expect(answers.map((answer) => values(answer, 'x-user'))).to.deep.equal([['ann'], ['bob']])
    expect(answers.map((answer) => values(answer, 'set-cookie'))).to.deep.equal([['me=ann'], ['me=bob']])
    expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit'])
  })

  it('that sets fields and a body before the cache does not show through a replay', async () => {
    let count = 0
    const outer = async (ctx: Context, next: Next) => {
      ctx.set({ 'X-Request': String(++count), 'X-Removed': '1', 'X-Changed': 'outer' })
      ctx.type = 'html'
      ctx.body = 'default'
      await next()
    }
    const inner: Middleware = (ctx) => {
      ctx.remove('X-Removed')
      ctx.set('X-Changed', 'inner')
      ctx.type = 'text/csv'
      ctx.body = 'a;b'
    }
    twin = await koaTwin([outer, undefined, inner])
    const answers = [await ask(twin.cached), await ask(twin.cached), await ask(twin.cached)]
    expect(answers.map((answer) => value(answer, 'x-request'))).to.deep.equal(['1', '2', '3'])
    for (const answer of answers) {
      expect(answer.body.toString()).to.equal('a;b')
      expect(values(answer, 'x-removed')).to.deep.equal([])
      expect(value(answer, 'x-changed')).to.equal('inner')
      expect(value(answer, 'content-type')).to.equal('text/csv; charset=utf-8')
    }
    expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit', 'hit'])
  })

  // T24: error pages
  it('that makes a page of an error gets the handler’s own error each time', async () => {
    const errors: unknown[] = []
    const page = async (ctx: Context, next: Next) => {
      try {
        await next()
      } catch (error) {
        errors.push((error as Error).message)
        ctx.status = 200
        ctx.body = 'a friendly page'
      }
    }
    twin = await koaTwin([
      page,
      undefined,
      (ctx) => {
        ctx.set('X-Before', '1')
        throw new Error('broken')
      },
    ])
    await expectSameNeverStored(twin, 'failed')
    expect(errors).to.deep.equal(Array(3).fill('broken'))
  })

  it('that makes a page of a status outside does not have it stored', async () => {
    const page = async (ctx: Context, next: Next) => {
      await next()
      if (ctx.status === 404) ctx.body = 'a page for what is not there'
    }
    twin = await koaTwin([page, undefined, () => undefined])
    await expectSameNeverStored(twin, 'status-404')
  })

  // T20 on Koa
  const failing: Record<string, Middleware> = {
    'an error': () => {
      throw new Error('broken')
    },
    'a rejection later': async () => {
      await new Promise(setImmediate)
      throw new Error('broken')
    },
    'ctx.throw with fields': (ctx) => ctx.throw(429, 'slow down', { headers: { 'Retry-After': '7' } }),
    'something that is no Error': () => {
      throw 'text'
    },
    'an error after a body and fields': (ctx) => {
      ctx.set('Cache-Control', 'max-age=60')
      ctx.body = 'half'
      throw new Error('broken')
    },
  }
  for (const [what, handler] of Object.entries(failing)) {
    it(`need not be there: Koa answers an error as without the cache, and nothing is stored: ${what}`, async () => {
      twin = await koaTwin(handler)
      await expectSameNeverStored(twin, 'failed')
    })
  }

  // T21 on Koa
  const conditionalGet = async (ctx: Context, next: Next) => {
    await next()
    if (ctx.fresh) {
      ctx.status = 304
      ctx.body = null
    }
  }
  for (const [place, onion] of Object.entries<(Middleware | undefined)[]>({
    outside: [conditionalGet, undefined],
    inside: [undefined, conditionalGet],
  })) {
    it(`that answers conditional clients itself gets along with the cache: koa-conditional-get ${place}`, async () => {
      const handler: Middleware = (ctx) => {
        ctx.etag = '1'
        ctx.body = 'body'
      }
      twin = await koaTwin([...onion, handler])
      const question = { headers: { 'If-None-Match': '"1"' } }
      const reference = await ask(twin.bare, question)
      for (const outcome of ['fwd=miss; stored', 'hit']) {
        const answer = await ask(twin.cached, question)
        expect(answer.status).to.equal(reference.status).and.to.equal(304)
        expect(answer.body.length).to.equal(0)
        expect(value(answer, 'cache-status')).to.contain(outcome)
      }
      const full = await ask(twin.cached)
      expect(full.status).to.equal(200)
      expect(full.body.toString()).to.equal('body')
    })
  }
})

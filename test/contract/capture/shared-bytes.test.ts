// What the application does to an answer after we let go of it does not reach the entry.

import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import { expressTwin, koaTwin, type Twin } from '../../support/compare.ts'
import { ask, value, values } from '../../support/wire.ts'

describe('an entry', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const handler: RequestHandler = (_req, res) => {
    res.setHeader('Link', ['<a>', '<b>'])
    res.end(Buffer.from('body'))
  }
  const scribble = (chunk: unknown) => {
    if (chunk instanceof Uint8Array) chunk.fill('x'.charCodeAt(0))
  }

  async function expectUnchanged(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      // Whatever the scribbler makes of its own copy, a client beside it gets the stored bytes.
      await ask(twin.cached, { headers: { 'X-Scribble': '1' } })
      const answer = await ask(twin.cached)
      expect(answer.body.toString()).to.equal('body')
      expect(values(answer, 'link')).to.deep.equal(['<a>', '<b>'])
    }
  }

  // T78: outer middleware that patches the response and writes to what passes
  const scribblers: Record<string, (res: ServerResponse) => void> = {
    'end of the response': (res) => {
      const { end } = res
      res.end = ((chunk: unknown, ...rest: never[]) => {
        scribble(chunk)
        return Reflect.apply(end, res, [chunk, ...rest])
      }) as typeof end
    },
    'end of the response’s prototype': (res) => {
      const patched = Object.create(Object.getPrototypeOf(res)) as ServerResponse
      patched.end = function (this: ServerResponse, chunk: unknown, ...rest: never[]) {
        scribble(chunk)
        return Object.getPrototypeOf(patched).end.apply(this, [chunk, ...rest])
      } as ServerResponse['end']
      Object.setPrototypeOf(res, patched)
    },
    'writeHead, changing arrays it finds': (res) => {
      const { writeHead } = res
      res.writeHead = ((...args: Parameters<typeof writeHead>) => {
        const link = res.getHeader('Link')
        if (Array.isArray(link)) link.push('<scribbled>')
        return writeHead.apply(res, args)
      }) as typeof writeHead
    },
  }
  for (const [what, patch] of Object.entries(scribblers)) {
    it(`is not changed by middleware before the cache that patches ${what}`, async () => {
      const mount = (app: Express, cacheRoute: RequestHandler) =>
        app.get(
          '/answer',
          (req, res, next) => {
            if (req.headers['x-scribble'] !== undefined) patch(res)
            next()
          },
          cacheRoute,
          handler,
        )
      twin = await expressTwin({ mount: (app, cacheRoute) => void mount(app, cacheRoute) })
      expect((await ask(twin.cached)).body.toString()).to.equal('body')
      await expectUnchanged()
    })
  }

  it('is not changed by the handler, which goes on writing to its fields and buffers', async () => {
    const link = ['<a>', '<b>']
    const body = Buffer.from('body')
    twin = await expressTwin((_req, res) => {
      res.setHeader('Link', link)
      res.on('finish', () => {
        link.push('<later>')
        body.fill('x')
      })
      res.end(body)
    })
    await ask(twin.cached)
    await expectUnchanged()
  })

  it('is not changed by outer Koa middleware that writes to ctx.body and to arrays it gets', async () => {
    twin = await koaTwin([
      async (ctx, next) => {
        await next()
        if (ctx.get('X-Scribble') === '') return
        scribble(ctx.body)
        const link = ctx.response.get('Link') as unknown
        if (Array.isArray(link)) link.push('<scribbled>')
      },
      undefined,
      (ctx) => {
        ctx.set('Link', ['<a>', '<b>'])
        ctx.body = Buffer.from('body')
      },
    ])
    await ask(twin.cached)
    await expectUnchanged()
    expect(value(await ask(twin.cached), 'cache-status')).to.match(/hit/)
  })

  // T78: what the application gets hold of after a hit was sent
  const scribbleOnFields = (res: ServerResponse) => {
    const fields = { ...res.getHeaders(), again: res.getHeader('Link') }
    for (const value of Object.values(fields)) if (Array.isArray(value)) value.push('<scribbled>')
  }

  it('is not changed by an Express application that writes to the fields of a hit once it was sent', async () => {
    const mount = (app: Express, cacheRoute: RequestHandler) =>
      app.get(
        '/answer',
        (_req, res, next) => {
          res.on('finish', () => scribbleOnFields(res))
          next()
        },
        cacheRoute,
        handler,
      )
    twin = await expressTwin({ mount: (app, cacheRoute) => void mount(app, cacheRoute) })
    await ask(twin.cached)
    await expectUnchanged()
    expect(value(await ask(twin.cached), 'cache-status')).to.match(/hit/)
  })

  it('is not changed by a Koa application that writes to the body and the fields of a hit once it was sent', async () => {
    twin = await koaTwin([
      async (ctx, next) => {
        ctx.res.on('finish', () => {
          scribble(ctx.body)
          scribbleOnFields(ctx.res)
        })
        await next()
        for (const line of Object.values(ctx.response.headers)) if (Array.isArray(line)) line.push('<scribbled>')
      },
      undefined,
      (ctx) => {
        ctx.set('Link', ['<a>', '<b>'])
        ctx.body = Buffer.from('body')
      },
    ])
    await ask(twin.cached)
    for (let i = 0; i < 3; i++) {
      const answer = await ask(twin.cached)
      expect(answer.body.toString()).to.equal('body')
      expect(value(answer, 'cache-status')).to.match(/hit/)
      // What outer middleware does to this answer is in this answer, and in no other.
      expect(values(answer, 'link').filter((link) => link === '<scribbled>')).to.have.length.at.most(1)
    }
  })

  it('is not changed by a storable function that writes to the head it is shown', async () => {
    twin = await expressTwin(handler, {
      route: {
        storable(head) {
          const headers = head.headers as [string, string | string[]][]
          headers.push(['X-Added', '1'])
          for (const [, lines] of headers) if (Array.isArray(lines)) lines.push('<scribbled>')
          return true
        },
      },
    })
    await ask(twin.cached)
    await expectUnchanged()
    expect(values(await ask(twin.cached), 'x-added')).to.deep.equal([])
  })
})

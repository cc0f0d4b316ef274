// The key below a mount path: the path that the client sent counts, not what a router or a rewrite left of it.
import Router from '@koa/router'
import { expect } from 'chai'
import express, { type RequestHandler } from 'express'
import Koa, { type Middleware } from 'koa'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { get } from '../../support/http-client.ts'
import { eventsOf, listening } from '../starting.ts'

describe('the key below a mount path', () => {
  const listen = listening()
  let events: CacheEvent[] = []
  beforeEach(() => {
    events = []
  })
  const listeners = [(event: CacheEvent) => void events.push(event)]

  /** Asks for each path twice: every first time a run of its own, every second time a hit. */
  async function expectApart(port: number, paths: readonly string[]): Promise<void> {
    for (let round = 0; round < 2; round++) {
      for (const path of paths) expect((await get(port, path)).text).to.equal(`this is ${path}`)
    }
    const told = eventsOf({ events }, 'request')
    expect(told.map(({ outcome }) => outcome)).to.deep.equal([...paths.map(() => 'miss'), ...paths.map(() => 'hit')])
    expect(new Set(told.map(({ key }) => key)).size).to.equal(paths.length)
  }

  // T41
  it('tells apart one router mounted twice, and one middleware used on many routes, on Express', async () => {
    const { cacheRoute } = createExpressCache({ listeners })
    const once = cacheRoute('1m')
    const echo: RequestHandler = (req, res) => void res.send(`this is ${req.originalUrl}`)
    const inner = express.Router().get('/', once, echo).get('/items', once, echo).get('/:id/items', once, echo)
    const app = express().use('/v1', inner).use('/v2', inner).use('/shops/:shop', inner).get('/items', once, echo)
    await expectApart(await listen(app), [
      '/v1',
      '/v1/',
      '/v2',
      '/v1/items',
      '/v2/items',
      '/shops/1/items',
      '/shops/2/items',
      '/v1/2/items',
      '/items',
    ])
  })

  // T41
  it('tells apart URLs that were rewritten to one, on Express', async () => {
    const { cacheRoute } = createExpressCache({ listeners })
    const app = express()
      .use((req, _res, next) => {
        req.url = '/page'
        next()
      })
      .get('/page', cacheRoute('1m'), (req, res) => void res.send(`this is ${req.originalUrl}`))
    await expectApart(await listen(app), ['/de', '/en', '/de?x=1'])
  })

  // T41: `/me` is somebody else's page for everybody
  it('tells apart one URL that was rewritten to many, on Express', async () => {
    const { cacheRoute } = createExpressCache({ listeners })
    const app = express()
      .use((req, _res, next) => {
        if (req.url === '/me') req.url = `/users/${req.headers['x-user']}`
        next()
      })
      .get('/users/:id', cacheRoute('1m'), (req, res) => void res.send(`user ${req.params.id}`))
    const port = await listen(app)
    for (const user of ['1', '2', '1'])
      expect((await get(port, '/me', { 'X-User': user })).text).to.equal(`user ${user}`)
    expect(eventsOf({ events }, 'request').map(({ outcome }) => outcome)).to.deep.equal(['miss', 'miss', 'hit'])
  })

  // T41
  it('tells apart routers with prefixes and routers in routers, on Koa', async () => {
    const { cacheRoute } = createKoaCache({ listeners })
    const once = cacheRoute('1m')
    const echo: Middleware = (ctx) => {
      ctx.body = `this is ${ctx.originalUrl}`
    }
    const inner = new Router().get('/', once, echo).get('/items', once, echo)
    const prefixed = new Router({ prefix: '/v2' }).get('/items', once, echo)
    const outer = new Router().use('/v1', inner.routes()).use('/shops/:shop', inner.routes()).get('/items', once, echo)
    const app = new Koa().use(outer.routes()).use(prefixed.routes())
    await expectApart(await listen(app), [
      '/v1/items',
      '/v2/items',
      '/shops/1/items',
      '/shops/2/items',
      '/shops/1',
      '/items',
    ])
  })

  // T41
  it('tells apart URLs that were rewritten to one, on Koa', async () => {
    const { cacheRoute } = createKoaCache({ listeners })
    const router = new Router().get('/page', cacheRoute('1m'), (ctx) => {
      ctx.body = `this is ${ctx.originalUrl}`
    })
    const app = new Koa()
      .use((ctx, next) => {
        ctx.path = '/page'
        return next()
      })
      .use(router.routes())
    await expectApart(await listen(app), ['/de', '/en', '/de?x=1'])
  })

  // T41
  it('tells apart one URL that was rewritten to many, on Koa', async () => {
    const { cacheRoute } = createKoaCache({ listeners })
    const router = new Router().get('/users/:id', cacheRoute('1m'), (ctx) => {
      ctx.body = `user ${ctx.params.id}`
    })
    const app = new Koa()
      .use((ctx, next) => {
        if (ctx.path === '/me') ctx.path = `/users/${ctx.get('x-user')}`
        return next()
      })
      .use(router.routes())
    const port = await listen(app)
    for (const user of ['1', '2', '1'])
      expect((await get(port, '/me', { 'X-User': user })).text).to.equal(`user ${user}`)
    expect(eventsOf({ events }, 'request').map(({ outcome }) => outcome)).to.deep.equal(['miss', 'miss', 'hit'])
  })
})

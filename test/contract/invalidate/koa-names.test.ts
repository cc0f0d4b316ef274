// What a route is called on Koa, which is the tag of its answers: pattern, /, or the name it was given.
import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import { createCache, type KoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { listening } from '../starting.ts'
import { expectTags, type Tagged } from './tagged.ts'

const answer: Middleware = (ctx) => {
  ctx.body = 'page'
}
const pass: Middleware = (_ctx, next) => next()

type Build = (app: Koa, cacheRoute: KoaCache['cacheRoute']) => unknown

/** Routes of one router. */
const routed =
  (build: (router: Router, cacheRoute: KoaCache['cacheRoute']) => unknown): Build =>
  (app, cacheRoute) => {
    const router = new Router()
    build(router, cacheRoute)
    app.use(router.routes())
  }

const apps: Readonly<Record<string, readonly [Build, ...Tagged[]]>> = {
  'its pattern': [
    routed((router, cacheRoute) => router.get('/users/:id', cacheRoute('1m'), answer)),
    { path: '/users/1', carries: ['/users/:id'], lacks: ['/users', '/users/1', '/', '/users/:id/'] },
  ],
  'its pattern, without a slash at the end': [
    routed((router, cacheRoute) => router.get('/users/', cacheRoute('1m'), answer)),
    { path: '/users/', carries: ['/users'], lacks: ['/users/'] },
  ],
  '/ at the root': [
    routed((router, cacheRoute) => router.get('/', cacheRoute('1m'), answer)),
    { path: '/', carries: ['/'] },
  ],
  'the pattern of an array that matched': [
    routed((router, cacheRoute) => router.get(['/a', '/b/:x'], cacheRoute('1m'), answer)),
    { path: '/a', carries: ['/a'] },
    { path: '/b/1', carries: ['/b/:x'] },
  ],
  'the source of a RegExp': [
    routed((router, cacheRoute) => router.get(/^\/n\/(\d+)$/, cacheRoute('1m'), answer)),
    { path: '/n/1', carries: ['^\\/n\\/(\\d+)$'] },
  ],
  'its pattern with what is optional in it': [
    routed((router, cacheRoute) => router.get('/items{/:id}', cacheRoute('1m'), answer)),
    { path: '/items', carries: ['/items{/:id}'] },
    { path: '/items/1', carries: ['/items{/:id}'] },
  ],
  'its pattern, for all methods': [
    routed((router, cacheRoute) => router.all('/r', cacheRoute('1m'), answer)),
    { path: '/r', carries: ['/r'] },
  ],
  'its pattern, where the route has a name of the router': [
    routed((router, cacheRoute) => router.get('user', '/users/:id', cacheRoute('1m'), answer)),
    { path: '/users/1', carries: ['/users/:id'], lacks: ['user'] },
  ],
  'prefix and pattern joined': [
    (app, cacheRoute) => {
      const router = new Router({ prefix: '/shop' })
      router.get('/', cacheRoute('1m'), answer).get('/items/:id/', cacheRoute('1m'), answer)
      app.use(router.routes())
    },
    { path: '/shop', carries: ['/shop'], lacks: ['/'] },
    { path: '/shop/items/7/', carries: ['/shop/items/:id'], lacks: ['/items/:id'] },
  ],
  'all prefixes and the pattern of a router in routers, parameters included': [
    (app, cacheRoute) => {
      const inner = new Router().get('/items', cacheRoute('1m'), answer)
      const middle = new Router({ prefix: '/v1' }).use('/shops/:shop', inner.routes())
      app.use(new Router().use('/api', middle.routes()).routes())
    },
    { path: '/api/v1/shops/7/items', carries: ['/api/v1/shops/:shop/items'], lacks: ['/items', '/'] },
  ],
  'the name it was given, and nothing else': [
    routed((router, cacheRoute) => router.get('/products', cacheRoute('1m', { name: 'catalog' }), answer)),
    { path: '/products', carries: ['catalog'], lacks: ['/products'] },
  ],
  // T42
  'any name, of an object in the language too': [
    routed((router, cacheRoute) =>
      router.get('/p', cacheRoute('1m', { name: '__proto__', tags: ['constructor'] }), answer),
    ),
    { path: '/p', carries: ['__proto__', 'constructor'], lacks: ['toString', 'prototype'] },
  ],
  'a name of its own on each route that shares one middleware': [
    routed((router, cacheRoute) => {
      const shared = cacheRoute('1m')
      router.get('/one', shared, answer).get('/two', shared, answer)
    }),
    { path: '/one', carries: ['/one'], lacks: ['/two'] },
    { path: '/two', carries: ['/two'], lacks: ['/one'] },
  ],
  'its name beside its own tags': [
    routed((router, cacheRoute) =>
      router
        .get('/fixed', cacheRoute('1m', { tags: ['t1', 't2', '/fixed'] }), answer)
        .get('/by/:id', cacheRoute('1m', { tags: async (ctx) => `user:${ctx.params.id}` }), answer),
    ),
    { path: '/fixed', carries: ['/fixed', 't1', 't2'] },
    { path: '/by/1', carries: ['/by/:id', 'user:1'], lacks: ['user:2'] },
  ],
  '/ without a router': [
    (app, cacheRoute) => app.use(cacheRoute('1m')).use(answer),
    { path: '/any', carries: ['/'], lacks: ['/any'] },
  ],
  '/ and the route that answered, where it is for everything': [
    (app, cacheRoute) => {
      app.use(cacheRoute('1m'))
      const inner = new Router({ prefix: '/v1' }).get('/x', answer)
      app.use(new Router().get('/one', answer).use('/api', inner.routes()).routes())
    },
    { path: '/one', carries: ['/', '/one'], lacks: ['/api/v1/x'] },
    { path: '/api/v1/x', carries: ['/', '/api/v1/x'], lacks: ['/x', '/one'] },
  ],
  '/ and the route that answered, where it is for a router': [
    (app, cacheRoute) => {
      const router = new Router({ prefix: '/api' })
      router.use(cacheRoute('1m'))
      app.use(router.get('/items', answer).get('/:id', answer).routes())
    },
    { path: '/api/items', carries: ['/', '/api/items'] },
    { path: '/api/7', carries: ['/', '/api/:id'], lacks: ['/api/items'] },
  ],
  'the name it was given and the route that answered': [
    (app, cacheRoute) => app.use(cacheRoute('1m', { name: 'all' })).use(new Router().get('/one', answer).routes()),
    { path: '/one', carries: ['all', '/one'], lacks: ['/'] },
  ],
  'the route that answered, not one that passed': [
    (app, cacheRoute) => {
      app.use(cacheRoute('1m'))
      app.use(new Router().get('/:any', pass).get('/one', answer).routes())
    },
    { path: '/one', carries: ['/', '/one'], lacks: ['/:any'] },
  ],
  'a route that passed too, where none answered: frameworks leave its name behind, and a tag too many only costs a miss':
    [
      (app, cacheRoute) => {
        app.use(cacheRoute('1m'))
        app.use(new Router().get('/one', pass).routes()).use(answer)
      },
      { path: '/one', carries: ['/', '/one'] },
    ],
  'the route it is on, though another of them matches too': [
    routed((router, cacheRoute) => router.get('/:any', pass).get('/one', cacheRoute('1m'), answer)),
    { path: '/one', carries: ['/one'], lacks: ['/:any', '/'] },
  ],
  'the route it is on, though another of them answers': [
    routed((router, cacheRoute) => router.get('/:any', cacheRoute('1m'), pass).get('/one', answer)),
    { path: '/one', carries: ['/:any'] },
  ],
  'the route that answered, where the middleware is called by another': [
    routed((router, cacheRoute) => {
      const inner = cacheRoute('1m')
      router.get('/wrapped', (ctx, next) => inner(ctx, next), answer)
    }),
    { path: '/wrapped', carries: ['/wrapped'], name: '/' },
  ],
}

describe('the name of a route on Koa', () => {
  const listen = listening()

  for (const [title, [build, ...routes]] of Object.entries(apps)) {
    for (const route of routes) {
      it(`is ${title}: ${route.path}`, async () => {
        const events: CacheEvent[] = []
        const cache = createCache({ listeners: [(event) => events.push(event)] })
        const app = new Koa()
        build(app, cache.cacheRoute)
        await expectTags(await listen(app), cache, events, route)
      })
    }
  }
})

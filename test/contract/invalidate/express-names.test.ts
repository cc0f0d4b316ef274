// What a route is called on Express, which is the tag of its answers: pattern, mount path, or the name it was given.
import express, { type Express, type RequestHandler } from 'express'
import { createCache, type ExpressCache } from '../../../src/express.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { listening } from '../starting.ts'
import { expectTags, type Tagged } from './tagged.ts'

const answer: RequestHandler = (_req, res) => void res.send('page')
const pass: RequestHandler = (_req, _res, next) => next()

type Build = (app: Express, cacheRoute: ExpressCache['cacheRoute']) => unknown

const { Router } = express

const apps: Readonly<Record<string, readonly [Build, ...Tagged[]]>> = {
  'its pattern': [
    (app, cacheRoute) => app.get('/users/:id', cacheRoute('1m'), answer),
    { path: '/users/1', carries: ['/users/:id'], lacks: ['/users', '/users/1', '/', 'users/:id', '/users/:id/'] },
  ],
  'its pattern, without a slash at the end': [
    (app, cacheRoute) => app.get('/users/', cacheRoute('1m'), answer),
    { path: '/users/', carries: ['/users'], lacks: ['/users/'] },
  ],
  '/ at the root': [(app, cacheRoute) => app.get('/', cacheRoute('1m'), answer), { path: '/', carries: ['/'] }],
  'each pattern of an array': [
    (app, cacheRoute) => app.get(['/a', '/b/:x', ['/c']] as string[], cacheRoute('1m'), answer),
    { path: '/a', carries: ['/a', '/b/:x', '/c'], lacks: ['/a, /b/:x, /c'], name: '/a, /b/:x, /c' },
    { path: '/b/1', carries: ['/a', '/b/:x', '/c'], name: '/a, /b/:x, /c' },
  ],
  'the source of a RegExp': [
    (app, cacheRoute) => app.get(/^\/n\/(\d+)$/, cacheRoute('1m'), answer),
    { path: '/n/1', carries: ['^\\/n\\/(\\d+)$'] },
  ],
  'a pattern or a RegExp of one array': [
    (app, cacheRoute) => app.get(['/x', /^\/y\/?$/], cacheRoute('1m'), answer),
    { path: '/y', carries: ['/x', '^\\/y\\/?$'], name: '/x, ^\\/y\\/?$' },
  ],
  'its pattern with what is optional in it': [
    (app, cacheRoute) => app.get('/items{/:id}', cacheRoute('1m'), answer),
    { path: '/items', carries: ['/items{/:id}'] },
    { path: '/items/1', carries: ['/items{/:id}'] },
  ],
  'one name for all methods of a path': [
    (app, cacheRoute) => app.route('/r').all(pass).get(cacheRoute('1m'), answer),
    { path: '/r', carries: ['/r'] },
  ],
  'base and pattern joined, doubled slashes collapsed': [
    (app, cacheRoute) => {
      const inner = Router().get('/', cacheRoute('1m'), answer).get('//items//:id/', cacheRoute('1m'), answer)
      app.use('/shop/', Router().use('/v1', inner))
    },
    { path: '/shop/v1', carries: ['/shop/v1'], lacks: ['/', '/v1', '/shop'] },
    { path: '/shop/v1//items//7/', carries: ['/shop/v1/items/:id'] },
  ],
  'a base with values where the mount path has parameters': [
    (app, cacheRoute) => app.use('/shops/:shop', Router().get('/items', cacheRoute('1m'), answer)),
    { path: '/shops/7/items', carries: ['/shops/7/items'], lacks: ['/shops/8/items'] },
  ],
  'base and pattern in an application that is mounted': [
    (app, cacheRoute) => app.use('/sub', express().get('/x', cacheRoute('1m'), answer)),
    { path: '/sub/x', carries: ['/sub/x'], lacks: ['/x'] },
  ],
  'the name it was given, and nothing else': [
    (app, cacheRoute) => app.get('/products', cacheRoute('1m', { name: 'catalog' }), answer),
    { path: '/products', carries: ['catalog'], lacks: ['/products'] },
  ],
  // T42
  'any name, of an object in the language too': [
    (app, cacheRoute) => app.get('/p', cacheRoute('1m', { name: '__proto__', tags: ['constructor'] }), answer),
    { path: '/p', carries: ['__proto__', 'constructor'], lacks: ['toString', 'prototype'] },
  ],
  'a name of its own on each route that shares one middleware': [
    (app, cacheRoute) => {
      const shared = cacheRoute('1m')
      app.get('/one', shared, answer).get('/two', shared, answer)
    },
    { path: '/one', carries: ['/one'], lacks: ['/two'] },
    { path: '/two', carries: ['/two'], lacks: ['/one'] },
  ],
  'its name beside its own tags': [
    (app, cacheRoute) =>
      app
        .get('/fixed', cacheRoute('1m', { tags: ['t1', 't2', '/fixed'] }), answer)
        .get('/by/:id', cacheRoute('1m', { tags: async (req) => `user:${req.params.id}` }), answer),
    { path: '/fixed', carries: ['/fixed', 't1', 't2'] },
    { path: '/by/1', carries: ['/by/:id', 'user:1'], lacks: ['user:2'] },
  ],
  'the mount path and the route that answered': [
    (app, cacheRoute) => {
      app.use('/m', cacheRoute('1m'))
      app.get('/m/list', answer).get('/m/:id', answer)
      app.use('/m/deep', Router().get('/:x/', answer))
    },
    { path: '/m/list', carries: ['/m', '/m/list'], lacks: ['/m/:id', '/'] },
    { path: '/m/1', carries: ['/m', '/m/:id'], lacks: ['/m/list'] },
    { path: '/m/deep/1', carries: ['/m', '/m/deep/:x'] },
  ],
  '/ and the route that answered, where it is for everything': [
    (app, cacheRoute) => {
      app.use(cacheRoute('1m'))
      app.get('/one', answer)
      app.use('/api', Router().use('/v1', Router().get(['/x', '/y'], answer)))
      app.use('/bare', answer)
    },
    { path: '/one', carries: ['/', '/one'], lacks: ['/api/v1/x'] },
    { path: '/api/v1/x', carries: ['/', '/api/v1/x', '/api/v1/y'], lacks: ['/x', '/one'] },
    { path: '/bare', carries: ['/'], lacks: ['/bare'] },
  ],
  'the base of its router and the route that answered': [
    (app, cacheRoute) => app.use('/api', Router().use(cacheRoute('1m')).get('/items', answer)),
    { path: '/api/items', carries: ['/api', '/api/items'], lacks: ['/', '/items'] },
  ],
  'the name it was given and the route that answered': [
    (app, cacheRoute) => app.use(cacheRoute('1m', { name: 'all' })).get('/one', answer),
    { path: '/one', carries: ['all', '/one'], lacks: ['/'] },
  ],
  'the route that answered, not one that passed': [
    (app, cacheRoute) => {
      app.use(cacheRoute('1m'))
      app.get('/:any', pass).get('/one', answer)
    },
    { path: '/one', carries: ['/', '/one'], lacks: ['/:any'] },
  ],
  'a route that passed too, where none answered: frameworks leave its name behind, and a tag too many only costs a miss':
    [
      (app, cacheRoute) => {
        app.use(cacheRoute('1m'))
        app.get('/one', pass)
        app.use(answer)
      },
      { path: '/one', carries: ['/', '/one'] },
    ],
  'the route it is on, though another of them passed before': [
    (app, cacheRoute) => {
      app.get('/:any', pass)
      app.get('/one', cacheRoute('1m'), answer)
    },
    { path: '/one', carries: ['/one'], lacks: ['/:any', '/'] },
  ],
  'the mount path, though a route passed before': [
    (app, cacheRoute) => {
      app.get('/m', pass)
      app.use('/m', cacheRoute('1m'), answer)
    },
    { path: '/m', carries: ['/m'], lacks: ['/'] },
  ],
  'the route that answered, where the middleware is called by another': [
    (app, cacheRoute) => {
      const inner = cacheRoute('1m')
      app.get('/wrapped', (req, res, next) => inner(req, res, next), answer)
    },
    { path: '/wrapped', carries: ['/wrapped'], name: '/' },
  ],
}

describe('the name of a route on Express', () => {
  const listen = listening()

  for (const [title, [build, ...routes]] of Object.entries(apps)) {
    for (const route of routes) {
      it(`is ${title}: ${route.path}`, async () => {
        const events: CacheEvent[] = []
        const cache = createCache({ listeners: [(event) => events.push(event)] })
        const app = express()
        build(app, cache.cacheRoute)
        await expectTags(await listen(app), cache, events, route)
      })
    }
  }
})

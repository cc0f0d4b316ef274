// What a write without targets bumps: the pattern it stands on and, where that ends in a parameter, the collection above.
import Router from '@koa/router'
import { expect } from 'chai'
import express, { type Express, type RequestHandler } from 'express'
import Koa, { type Middleware } from 'koa'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { send } from '../../support/http-client.ts'
import { eventsOf, listening } from '../starting.ts'

/** Where the write stands, the path that is asked for, and what is bumped. */
type Case<App, Handler> = readonly [
  build: (app: App, write: Handler) => unknown,
  path: string,
  bumped: readonly string[],
]

const answer: RequestHandler = (_req, res) => void res.send('written')
const answerKoa: Middleware = (ctx) => {
  ctx.body = 'written'
}

const shared: Readonly<Record<string, readonly [pattern: string | RegExp, path: string, bumped: readonly string[]]>> = {
  'a pattern without parameters': ['/users', '/users', ['/users']],
  'a pattern that ends in a parameter': ['/users/:id', '/users/1', ['/users/:id', '/users']],
  'a pattern with a parameter in the middle': ['/users/:id/posts', '/users/1/posts', ['/users/:id/posts']],
  'a pattern with two parameters': ['/u/:id/p/:no', '/u/1/p/2', ['/u/:id/p/:no', '/u/:id/p']],
  'a parameter at the root': ['/:id', '/1', ['/:id', '/']],
  'a wildcard at the end': ['/files/*path', '/files/a/b', ['/files/*path', '/files']],
  'a slash after the parameter': ['/users/:id/', '/users/1/', ['/users/:id', '/users']],
  'the root': ['/', '/', ['/']],
  'a parameter that is optional': ['/items{/:id}', '/items/1', ['/items{/:id}', '/items']],
  'a parameter that begins a segment': ['/users/:id.json', '/users/1.json', ['/users/:id.json', '/users']],
  'a RegExp': [/^\/n\/x$/, '/n/x', ['^\\/n\\/x$']],
}

const onExpress: Readonly<Record<string, Case<Express, RequestHandler>>> = {
  'an array of patterns': [(app, write) => app.put(['/a', '/b/:id'], write, answer), '/a', ['/a', '/b/:id', '/b']],
  'routers in routers': [
    (app, write) => {
      const inner = express.Router().put('/:id', write, answer)
      app.use('/api', express.Router().use('/users', inner))
    },
    '/api/users/1',
    ['/api/users/:id', '/api/users'],
  ],
  'all methods of a path': [(app, write) => app.route('/r/:id').all(write).put(answer), '/r/1', ['/r/:id', '/r']],
  'a mount for everything, and the route that answered': [
    (app, write) => app.use(write).put('/users/:id', answer),
    '/users/1',
    ['/', '/users/:id', '/users'],
  ],
  'a mount path, and the route that answered': [
    (app, write) => app.use('/api', write, express.Router().put('/users/:id', answer)),
    '/api/users/1',
    ['/api', '/api/users/:id', '/api/users'],
  ],
  'a mount path without a route': [(app, write) => app.use('/api', write, answer), '/api/users/1', ['/api']],
}

const onKoa: Readonly<Record<string, Case<Koa, Middleware>>> = {
  'a pattern of an array': [
    (app, write) => app.use(new Router().put(['/a', '/b/:id'], write, answerKoa).routes()),
    '/b/1',
    ['/b/:id', '/b'],
  ],
  'routers in routers, with prefixes': [
    (app, write) => {
      const inner = new Router({ prefix: '/users' }).put('/:id', write, answerKoa)
      app.use(new Router({ prefix: '/api' }).use(inner.routes()).routes())
    },
    '/api/users/1',
    ['/api/users/:id', '/api/users'],
  ],
  'everything, and the route that answered': [
    (app, write) => app.use(write).use(new Router().put('/users/:id', answerKoa).routes()),
    '/users/1',
    ['/', '/users/:id', '/users'],
  ],
  'a router, and the route that answered': [
    (app, write) => {
      const router = new Router({ prefix: '/api' })
      router.use(write)
      app.use(router.put('/users/:id', answerKoa).routes())
    },
    '/api/users/1',
    ['/', '/api/users/:id', '/api/users'],
  ],
  'everything without a router': [(app, write) => app.use(write).use(answerKoa), '/users/1', ['/']],
}

describe('a write without targets', () => {
  const listen = listening()
  let events: CacheEvent[]
  beforeEach(() => {
    events = []
  })
  const listeners = [(event: CacheEvent) => void events.push(event)]

  async function expectBumped(port: number, path: string, bumped: readonly string[]): Promise<void> {
    expect((await send(port, path, { method: 'PUT' })).text).to.equal('written')
    expect(eventsOf({ events }, 'bump').map(({ tags }) => [...tags].sort())).to.deep.equal([[...bumped].sort()])
  }

  const express_ = {
    ...Object.fromEntries(
      Object.entries(shared).map(([title, [pattern, path, bumped]]): [string, Case<Express, RequestHandler>] => [
        title,
        [(app, write) => app.put(pattern, write, answer), path, bumped],
      ]),
    ),
    ...onExpress,
  }
  for (const [title, [build, path, bumped]] of Object.entries(express_)) {
    it(`bumps what it stands on, on Express: ${title}`, async () => {
      const app = express()
      build(app, createExpressCache({ listeners }).invalidate())
      await expectBumped(await listen(app), path, bumped)
    })
  }

  const koa = {
    ...Object.fromEntries(
      Object.entries(shared).map(([title, [pattern, path, bumped]]): [string, Case<Koa, Middleware>] => [
        title,
        [(app, write) => app.use(new Router().put(pattern, write, answerKoa).routes()), path, bumped],
      ]),
    ),
    ...onKoa,
  }
  for (const [title, [build, path, bumped]] of Object.entries(koa)) {
    it(`bumps what it stands on, on Koa: ${title}`, async () => {
      const app = new Koa()
      build(app, createKoaCache({ listeners }).invalidate())
      await expectBumped(await listen(app), path, bumped)
    })
  }
})

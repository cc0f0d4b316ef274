// Routers of Koa: @koa/router and its older sibling koa-router name the same routes, and an answer of one path is never that of another.
import NewRouter from '@koa/router'
import { expect } from 'chai'
import type Koa from 'koa'
import OldRouter from 'koa-router'
import type { CacheEvent } from '../../src/observe/events.ts'
import { koaTwin, type Twin } from '../support/compare.ts'
import { expectUnseen } from './same.ts'

const routers = { '@koa/router': NewRouter, 'koa-router': OldRouter as unknown as typeof NewRouter }

for (const [name, Router] of Object.entries(routers)) {
  describe(`${name}`, () => {
    let twin: Twin
    afterEach(() => twin.stop())

    const mount = (app: Koa, cacheRoute: Koa.Middleware) => {
      const users = new Router({ prefix: '/users' })
      users.get('/', cacheRoute, (ctx) => {
        ctx.body = 'all'
      })
      users.get('/:id', cacheRoute, (ctx) => {
        ctx.body = { id: ctx.params.id, route: ctx._matchedRoute }
      })
      users.get('/:id/posts/:post', cacheRoute, (ctx) => {
        ctx.body = ctx.params
      })
      users.post('/', (ctx) => {
        ctx.status = 201
      })
      const api = new Router()
      api.use('/api', users.routes(), users.allowedMethods())
      app.use(api.routes()).use(api.allowedMethods())
    }
    const paths = [
      '/api/users',
      '/api/users/1',
      '/api/users/2',
      '/api/users/1/posts/2',
      '/api/users/%C3%BC',
      '/api/none',
    ]

    it('has each path answered as without us, cold and warm', async () => {
      twin = await koaTwin({ mount })
      const questions = [
        ...paths.map((path) => ({ path })),
        { path: '/api/users/1', method: 'HEAD' },
        { path: '/api/users', method: 'OPTIONS' },
        { path: '/api/users', method: 'DELETE' },
        { path: '/api/users', method: 'POST' },
      ]
      const { warm } = await expectUnseen(twin, questions)
      expect(warm).to.deep.equal(['hit', 'hit', 'hit', 'hit', 'hit', 'hit'])
    })

    it('names the routes by their whole pattern', async () => {
      twin = await koaTwin({ mount })
      await expectUnseen(
        twin,
        paths.map((path) => ({ path })),
      )
      const names = (twin.events as CacheEvent[]).flatMap((event) => (event.type === 'run' ? [event.route] : []))
      expect(names).to.deep.equal([
        '/api/users',
        '/api/users/:id',
        '/api/users/:id',
        '/api/users/:id/posts/:post',
        '/api/users/:id',
      ])
    })
  })
}

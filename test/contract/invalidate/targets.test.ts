// What a write bumps: strings, functions that see the request after the handler, and what happens when one of them fails.
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { CacheConfigError } from '../../../src/errors.ts'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { get, send } from '../../support/http-client.ts'
import { foreign } from '../foreign.ts'
import { overFrameworks, type WriteTarget } from '../middleware.ts'
import { eventsOf, listening, outcomes, starting } from '../starting.ts'

overFrameworks('the targets of a write', (harness) => {
  const start = starting(harness)

  /** A route that writes, one that reads with the tags `user:<id>` and `all`. */
  const writing = (...targets: WriteTarget[]) =>
    start((app) => {
      app.read('/users/:id', ({ params }) => ({ body: `user ${params.id}` }), '1m', {
        tags: ({ params }) => [`user:${params.id}`, 'all'],
      })
      app.write('put', '/users/:id', targets, () => ({ body: 'written' }))
    })
  const bumped = (app: Parameters<typeof outcomes>[0]) => eventsOf(app, 'bump').map(({ tags }) => tags)

  const named: Readonly<Record<string, readonly [targets: readonly WriteTarget[], bumped: readonly string[]]>> = {
    'a string': [['all'], ['all']],
    strings: [
      ['all', '/users/:id'],
      ['all', '/users/:id'],
    ],
    'a function': [[({ params }) => `user:${params.id}`], ['user:1']],
    'a function that names some': [[({ params }) => [`user:${params.id}`, 'x']], ['user:1', 'x']],
    'a function that promises one': [[async ({ params }) => `user:${params.id}`], ['user:1']],
    'a function that promises some': [[async ({ params }) => [`user:${params.id}`, 'x']], ['user:1', 'x']],
    'a function that promises in its own way': [[({ params }) => foreign(`user:${params.id}`)], ['user:1']],
    'strings and functions': [
      ['x', ({ params }) => `user:${params.id}`, async () => ['y'], 'z'],
      ['x', 'z', 'user:1', 'y'],
    ],
  }
  for (const [title, [targets, tags]] of Object.entries(named)) {
    // T61
    it(`are bumped once, in one go: ${title}`, async () => {
      const app = await writing(...targets)
      await get(app.port, '/users/1')
      expect((await send(app.port, '/users/1', { method: 'PUT' })).text).to.equal('written')
      expect(bumped(app)).to.have.length(1)
      expect(bumped(app)[0]).to.have.members(tags)
      expect(eventsOf(app, 'bump')[0]).to.include({ applied: 'everywhere', journalled: false })
      await get(app.port, '/users/1')
      expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
      expect(eventsOf(app, 'function-failed')).to.deep.equal([])
    })
  }

  it('may name nothing: then nothing is bumped', async () => {
    const app = await writing(() => [])
    await get(app.port, '/users/1')
    await send(app.port, '/users/1', { method: 'PUT' })
    await get(app.port, '/users/1')
    expect(bumped(app)).to.deep.equal([])
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
  })

  it('leave alone what they do not name', async () => {
    const app = await writing(({ params }) => `user:${params.id}`)
    for (const id of [1, 2]) await get(app.port, `/users/${id}`)
    await send(app.port, '/users/1', { method: 'PUT' })
    for (const id of [1, 2]) await get(app.port, `/users/${id}`)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'hit'])
  })

  it('are functions called once, with the request, after the handler and before its answer leaves', async () => {
    const order: string[] = []
    const app = await start((app) => {
      const target: WriteTarget = async ({ method, url, params }) => {
        await new Promise(setImmediate)
        order.push(`target of ${method} ${url} ${params.id}`)
        return 'x'
      }
      app.write('put', '/users/:id', [target], async () => {
        await new Promise(setImmediate)
        order.push('handler')
        return { body: 'written' }
      })
    })
    await send(app.port, '/users/1?a=1', { method: 'PUT' })
    order.push('answer')
    expect(order).to.deep.equal(['handler', 'target of PUT /users/1?a=1 1', 'answer'])
  })

  const failing: Readonly<Record<string, () => unknown>> = {
    throws: () => {
      throw new Error('no id')
    },
    rejects: async () => {
      throw new Error('no id')
    },
    'rejects in its own way': () => foreign(new Error('no id')),
    'returns nothing': () => undefined,
    'returns an empty name': () => '',
    'returns a number': () => 42,
    'returns a list with a number in it': () => ['x', 42],
    'promises nothing': async () => undefined,
    'promises a list with an empty name in it': async () => ['x', ''],
  }
  for (const [title, target] of Object.entries(failing)) {
    // T75
    it(`are the untargeted ones where a function ${title}, and the strings, and an event says so`, async () => {
      const app = await writing('fixed', target as WriteTarget)
      await get(app.port, '/users/1')
      const answer = await send(app.port, '/users/1', { method: 'PUT' })
      expect({ status: answer.status, text: answer.text }).to.deep.equal({ status: 200, text: 'written' })
      expect(bumped(app)).to.have.length(1)
      expect(bumped(app)[0]).to.have.members(['fixed', '/users/:id', '/users'])
      const [failure] = eventsOf(app, 'function-failed')
      expect(failure).to.include({ function: 'target', route: '/users/:id' })
      expect(failure!.error).to.be.an.instanceOf(Error)
      await get(app.port, '/users/1')
      expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
    })
  }

  it('can be bumped from anywhere, with a word about what came of it', async () => {
    const app = await writing()
    await get(app.port, '/users/1')
    const { bump } = app.cache
    expect(await bump('user:1', 'all')).to.deep.equal({ applied: 'everywhere', journalled: false })
    await get(app.port, '/users/1')
    await bump('*')
    await get(app.port, '/users/1')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss'])
    for (const tag of ['', 42, undefined]) {
      let error: unknown
      await bump(tag as never).catch((thrown: unknown) => {
        error = thrown
      })
      expect(error, String(tag)).to.be.an.instanceOf(CacheConfigError)
    }
  })
})

describe('a target that is a function', () => {
  const listen = listening()
  const events: CacheEvent[] = []
  const listeners = [(event: CacheEvent) => void events.push(event)]
  afterEach(() => void events.splice(0))

  it('sees on Express what the handler left on request and response', async () => {
    const { invalidate } = createExpressCache({ listeners })
    const write = invalidate((req, res) => [`user:${res.locals.id}`, `${req.method} ${res.statusCode}`])
    const app = express().post('/users', write, (_req, res) => {
      res.locals.id = 42
      res.status(201).json({ id: 42 })
    })
    await send(await listen(app), '/users', { method: 'POST' })
    expect(eventsOf({ events }, 'bump')[0]?.tags).to.deep.equal(['user:42', 'POST 201'])
  })

  it('sees on Koa what the handler left on the context', async () => {
    const { invalidate } = createKoaCache({ listeners })
    const app = new Koa().use(invalidate((ctx) => [`user:${ctx.state.id}`, `${ctx.method} ${ctx.status}`]))
    app.use((ctx) => {
      ctx.state.id = 42
      ctx.status = 201
      ctx.body = { id: 42 }
    })
    await send(await listen(app), '/users', { method: 'POST' })
    expect(eventsOf({ events }, 'bump')[0]?.tags).to.deep.equal(['user:42', 'POST 201'])
  })
})

// AsyncLocalStorage around the cache: whoever waits for another's run wakes up in its own context.
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { get } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { listening } from '../starting.ts'

describe('the context of a request that waited for another', () => {
  const listen = listening()
  let storage: AsyncLocalStorage<string>
  let arrivals: Arrivals
  let gates: Gates
  let failing: boolean
  let seen: string[]
  beforeEach(() => {
    storage = new AsyncLocalStorage()
    arrivals = new Arrivals()
    gates = new Gates()
    failing = false
    seen = []
  })
  const note = (what: string) => void seen.push(`${what} as ${storage.getStore()}`)
  const listener = (event: CacheEvent) => {
    if (event.type === 'request') note(event.outcome)
  }
  /** The route's functions, each of which is asked for one request. */
  const options = {
    flightDeadline: '200ms',
    tags: () => {
      note('has tags')
      return arrivals.tags()
    },
    varyBy: () => note('is keyed'),
    storable: () => {
      note('may be stored')
      return true
    },
  } as const
  const asked = (user: string) => [`is keyed as ${user}`, `has tags as ${user}`]
  const run = (user: string) => ['miss', 'begins', 'goes on'].map((what) => `${what} as ${user}`)
  const handle = async (): Promise<string> => {
    note('begins')
    await gates.wait()
    note('goes on')
    if (failing) throw new Error('database gone')
    return 'page'
  }

  const frameworks = {
    Express: () => {
      const { cacheRoute } = createExpressCache({ listeners: [listener] })
      const app = express().set('env', 'test')
      app.use((req, _res, next) => storage.run(String(req.headers['x-user']), next))
      return app.get('/page', cacheRoute('1m', options), async (_req, res) => void res.send(await handle()))
    },
    Koa: () => {
      const { cacheRoute } = createKoaCache({ listeners: [listener] })
      const app = new Koa()
      app.silent = true
      app.use((ctx, next) => storage.run(String(ctx.headers['x-user']), next))
      app.use(async (_ctx, next) => {
        await next()
        note('comes back')
      })
      app.use(cacheRoute('1m', options))
      return app.use(async (ctx) => {
        ctx.body = await handle()
      })
    },
  }

  for (const [name, make] of Object.entries(frameworks)) {
    async function asking(): Promise<readonly [leader: Promise<unknown>, follower: Promise<unknown>]> {
      const port = await listen(make())
      const leader = get(port, '/page', { 'X-User': 'leader' })
      await arrivals.reach(1)
      const follower = get(port, '/page', { 'X-User': 'follower' })
      await arrivals.reach(2)
      return [leader, follower]
    }
    const back = (user: string) => (name === 'Koa' ? [`comes back as ${user}`] : [])

    // T55
    it(`is its own when it is answered, on ${name}`, async () => {
      const both = await asking()
      gates.open()
      await Promise.all(both)
      expect(seen).to.have.members([
        ...asked('leader'),
        ...run('leader'),
        'may be stored as leader',
        ...asked('follower'),
        'collapsed as follower',
        ...back('leader'),
        ...back('follower'),
      ])
    })

    // T55
    it(`is its own when it runs the handler after all, on ${name}`, async () => {
      failing = true
      const both = await asking()
      gates.open()
      await gates.reach(2)
      gates.open()
      await Promise.all(both)
      expect(seen).to.have.members([...asked('leader'), ...run('leader'), ...asked('follower'), ...run('follower')])
    })

    // T51, T55
    it(`is its own when it runs because the other takes too long, on ${name}`, async () => {
      const [leader, follower] = await asking()
      await gates.reach(2)
      gates.open(2)
      await follower
      expect(seen).to.include.members([...asked('follower'), ...run('follower'), 'may be stored as follower'])
      gates.open(1)
      await leader
      expect(seen.filter((what) => what.endsWith('as follower'))).to.have.members([
        ...asked('follower'),
        ...run('follower'),
        'may be stored as follower',
        ...back('follower'),
      ])
    })
  }
})

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
      return app.get(
        '/page',
        cacheRoute('1m', { tags: arrivals.tags }),
        async (_req, res) => void res.send(await handle()),
      )
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
      app.use(cacheRoute('1m', { tags: arrivals.tags }))
      return app.use(async (ctx) => {
        ctx.body = await handle()
      })
    },
  }

  for (const [name, make] of Object.entries(frameworks)) {
    async function ask(): Promise<unknown> {
      const port = await listen(make())
      const answers: Promise<unknown>[] = []
      for (const [at, user] of ['leader', 'follower'].entries()) {
        answers.push(get(port, '/page', { 'X-User': user }))
        await arrivals.reach(at + 1)
      }
      gates.open()
      if (failing) {
        await gates.reach(2)
        gates.open()
      }
      return Promise.all(answers)
    }

    // T55
    it(`is its own when it is answered, on ${name}`, async () => {
      await ask()
      const back = name === 'Koa' ? ['comes back as leader', 'comes back as follower'] : []
      expect(seen).to.have.members([
        'miss as leader',
        'begins as leader',
        'goes on as leader',
        'collapsed as follower',
        ...back,
      ])
    })

    // T55
    it(`is its own when it runs the handler after all, on ${name}`, async () => {
      failing = true
      await ask()
      expect(seen).to.have.members([
        'miss as leader',
        'begins as leader',
        'goes on as leader',
        'miss as follower',
        'begins as follower',
        'goes on as follower',
      ])
    })
  }
})

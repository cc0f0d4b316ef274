// AsyncLocalStorage and runs that no request waits for: what the request that starts one holds does not go with it.
import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer } from 'node:http'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { eventually } from '../../support/gate.ts'
import { get } from '../../support/http-client.ts'
import { listening } from '../starting.ts'

const STALE = { 'Cache-Control': 'max-age=10, stale-while-revalidate=600', Age: '20' }

describe('the context of a run in the background', () => {
  const listen = listening()
  let storage: AsyncLocalStorage<string>
  let seen: string[]
  beforeEach(() => {
    storage = new AsyncLocalStorage()
    seen = []
  })
  const note = (what: string) => void seen.push(`${what} as ${storage.getStore()}`)
  const listeners = [
    ({ type }: CacheEvent) => {
      if (type === 'run') note('is over')
    },
  ]
  const tags = () => {
    note('has tags')
    return []
  }
  const storable = () => {
    note('may be stored')
    return true
  }
  const options = { honour: 'headers', tags, storable } as const
  const handle = async (): Promise<string> => {
    note('begins')
    await new Promise(setImmediate)
    note('goes on')
    return 'page'
  }

  const frameworks = {
    Express: () => {
      const { cacheRoute } = createExpressCache({ listeners })
      const app = express().set('env', 'test')
      return app.get('/page', cacheRoute('1h', options), async (_req, res) => void res.set(STALE).send(await handle()))
    },
    Koa: () => {
      const { cacheRoute } = createKoaCache({ listeners })
      const app = new Koa().use(cacheRoute('1h', options))
      app.use(async (ctx) => {
        ctx.body = await handle()
        ctx.set(STALE)
      })
      return app.callback()
    },
  }

  for (const [name, make] of Object.entries(frameworks)) {
    /** The application, outside of which each request of a client gets a context. */
    const served = (app: (...args: never[]) => unknown) =>
      createServer((req, res) => void storage.run(String(req.headers['x-user']), app, req as never, res as never))

    // T55
    it(`is that of the cache, not of the request that found an answer stale, on ${name}`, async () => {
      const app = storage.run('the process', make as () => (...args: never[]) => unknown)
      const port = await listen({ listen: (at, host) => served(app).listen(at, host) })
      await get(port, '/page', { 'X-User': 'first' })
      const steps = ['has tags', 'begins', 'goes on', 'may be stored', 'is over']
      expect(seen).to.have.members(steps.map((step) => `${step} as first`))
      seen.length = 0
      expect((await get(port, '/page', { 'X-User': 'second' })).text).to.equal('page')
      await eventually(() => expect(seen).to.have.length(5))
      expect(seen).to.have.members(steps.map((step) => `${step} as the process`))
    })
  }
})

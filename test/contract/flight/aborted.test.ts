// A leader that gives its answer up half-way, by the framework's own means: nobody waits for what will not come.
import { pipeline, Readable } from 'node:stream'
import { expect } from 'chai'
import express, { type NextFunction, type Request, type Response } from 'express'
import Koa, { type Context } from 'koa'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import { get } from '../../support/http-client.ts'
import { Arrivals } from '../crowd.ts'
import { eventsOf, listening } from '../starting.ts'

const broken = () =>
  new Readable({
    read() {
      this.destroy(new Error('disk gone'))
    },
  })

const express_: Readonly<Record<string, (req: Request, res: Response, next: NextFunction) => unknown>> = {
  'destroys the response before its first byte': (_req, res) => res.destroy(),
  'destroys the response with an error': (_req, res) => res.destroy(new Error('gone')),
  'destroys the socket': (req) => req.socket.destroy(),
  'destroys the response half-way': (_req, res) => res.write('half', () => res.destroy()),
  'pipes from a source that fails at once': (_req, res) => pipeline(broken(), res, () => {}),
  'answers less than it announced': (_req, res) => res.set('Content-Length', '10').write('half', () => res.destroy()),
  'destroys the request': (req) => req.destroy(),
  'fails after its head': (_req, res, next) => next(res.writeHead(200) && new Error('gone')),
  'passes an error on': (_req, _res, next) => next(new Error('gone')),
  'passes on where nothing follows': (_req, _res, next) => next(),
}

const koa: Readonly<Record<string, (ctx: Context) => unknown>> = {
  'destroys the response before its first byte': (ctx) => ctx.res.destroy(),
  'answers with a stream that fails at once': (ctx) => {
    ctx.body = broken()
  },
  'answers with a stream that fails half-way': (ctx) => {
    ctx.body = Readable.from(
      (async function* () {
        yield 'half'
        throw new Error('disk gone')
      })(),
    )
  },
  'answers by itself and then destroys that': (ctx) => {
    ctx.respond = false
    ctx.res.write('half', () => ctx.res.destroy())
  },
  'answers with what cannot be sent': (ctx) => {
    const circle: { self?: object } = {}
    circle.self = circle
    ctx.body = circle
  },
  'answers nothing': () => undefined,
}

describe('a flight whose leader gives up', () => {
  const listen = listening()
  let events: CacheEvent[]
  let arrivals: Arrivals
  let go: Deferred<void>
  let runs: number
  beforeEach(() => {
    events = []
    arrivals = new Arrivals()
    go = deferred()
    runs = 0
  })
  const listeners = [(event: CacheEvent) => void events.push(event)]

  async function expectReleased(port: number): Promise<void> {
    const leader = get(port, '/page').catch(() => 'broken off')
    await arrivals.reach(1)
    const followers = [get(port, '/page'), get(port, '/page')]
    await arrivals.reach(3)
    go.resolve()
    for (const answer of await Promise.all(followers)) expect(answer.text).to.match(/^run [23]$/)
    await leader
    expect(eventsOf({ events }, 'run').filter(({ stored }) => !stored)).to.have.length.within(1, 2)
    expect((await get(port, '/page')).text).to.match(/^run [234]$/)
  }

  for (const [title, giveUp] of Object.entries(express_)) {
    // T12 T13 T48
    it(`lets its followers run where it ${title}, on Express`, async () => {
      const { cacheRoute } = createExpressCache({ listeners })
      const app = express().set('env', 'test')
      app.get('/page', cacheRoute('1m', { tags: arrivals.tags }), async (req, res, next) => {
        const run = ++runs
        await go.promise
        if (run === 1) giveUp(req, res, next)
        else res.send(`run ${run}`)
      })
      await expectReleased(await listen(app))
    })
  }

  for (const [title, giveUp] of Object.entries(koa)) {
    // T12 T13 T23 T48
    it(`lets its followers run where it ${title}, on Koa`, async () => {
      const { cacheRoute } = createKoaCache({ listeners })
      const app = new Koa().use(cacheRoute('1m', { tags: arrivals.tags }))
      app.silent = true
      app.use(async (ctx) => {
        const run = ++runs
        await go.promise
        if (run === 1) giveUp(ctx)
        else ctx.body = `run ${run}`
      })
      await expectReleased(await listen(app))
    })
  }
})

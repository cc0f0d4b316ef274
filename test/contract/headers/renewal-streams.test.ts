// A renewal in the background, whose handler streams: it takes what comes, however much, and survives what breaks off.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { createCache as expressCache } from '../../../src/express.ts'
import { createCache as koaCache } from '../../../src/koa.ts'
import { ask } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { get } from '../../support/http-client.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Page } from './page.ts'

const RENEWABLE = { 'Cache-Control': 'max-age=10, stale-while-revalidate=600', Age: '20' }
const FRESH = { 'Cache-Control': 'max-age=600' }

async function* brokenOff() {
  yield 'a'
  throw new Error('no disk')
}

overFrameworks('a renewal that is streamed', (harness) => {
  let page: Page
  let app: Running

  beforeEach(async () => {
    page = new Page()
    app = await harness.start(page.tell())
    page.answer(RENEWABLE)
    await ask(app, '/page')
  })
  afterEach(() => app.stop())

  it('is stored, though it is more than a connection takes at once', async () => {
    const chunks = Array.from({ length: 8 }, () => Buffer.alloc(65_536, 'a'))
    page.reply = () => ({ headers: FRESH, body: Readable.from(chunks) })
    expect((await ask(app, '/page')).text).to.equal('run 1')
    await eventually(() => expect(eventsOf(app, 'run').filter(({ stored }) => stored)).to.have.length(2))
    expect((await ask(app, '/page')).body).to.deep.equal(Buffer.concat(chunks))
    expect(page.runs).to.equal(2)
  })

  it('lets others have their turn, though it never ends', async () => {
    let over = false
    function* endless() {
      while (!over) yield Buffer.alloc(1_000)
    }
    page.reply = () => ({ headers: FRESH, body: Readable.from(endless()) })
    try {
      expect((await ask(app, '/page')).text).to.equal('run 1')
      await eventually(() => expect(page.runs).to.equal(2))
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect((await ask(app, '/page')).text).to.equal('run 1')
    } finally {
      over = true
    }
  })
})

describe('a renewal that breaks off', () => {
  /** Whether the stale answer is there still, behind handlers of either framework's own making. */
  async function expectStale(listener: RequestListener, runs: () => number): Promise<void> {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      expect((await get(port, '/')).text).to.equal('page')
      expect((await get(port, '/')).text).to.equal('page')
      await eventually(() => expect(runs()).to.equal(2))
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect((await get(port, '/')).text).to.equal('page')
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  it('is nobody else’s trouble on Express', async () => {
    const { cacheRoute, close } = expressCache()
    let runs = 0
    const app = express().get('/', cacheRoute('1h', { honour: 'headers' }), (_req, res) => {
      res.set(RENEWABLE)
      if (++runs === 1) res.send('page')
      else pipeline(Readable.from(brokenOff()), res, () => undefined)
    })
    await expectStale(app, () => runs)
    await close()
  })

  it('is nobody else’s trouble on Koa', async () => {
    const { cacheRoute, close } = koaCache()
    let runs = 0
    const app = new Koa().use(cacheRoute('1h', { honour: 'headers' })).use((ctx) => {
      ctx.set(RENEWABLE)
      ctx.body = ++runs === 1 ? 'page' : Readable.from(brokenOff())
    })
    app.silent = true
    await expectStale(app.callback(), () => runs)
    await close()
  })
})

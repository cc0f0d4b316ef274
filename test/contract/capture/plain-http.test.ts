// On `node:http` alone: the middleware with a `next` of one's own.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createCache } from '../../../src/express.ts'
import { expectSameNeverStored, expectSameThenReplay, nodeTwin, type Twin, trace } from '../../support/compare.ts'
import { ask, value } from '../../support/wire.ts'

type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

describe('a plain node:http server', () => {
  let twin: Twin
  afterEach(() => twin?.stop())

  it('answers from the cache what its handler ended', async () => {
    twin = await nodeTwin(
      (req, res) => void res.setHeader('Content-Type', 'text/plain').end(`${req.method} ${req.url}`),
    )
    await expectSameThenReplay(twin, { path: '/answer?b=2&a=1' })
    const other = await ask(twin.cached, { path: '/answer?a=1&b=2' })
    expect(value(other, 'cache-status')).to.match(/hit/)
    expect(other.body.toString()).to.equal('GET /answer?b=2&a=1')
  })

  it('answers from the cache what its handler streamed', async () => {
    twin = await nodeTwin(async (_req, res) => {
      for (const part of ['a', 'b', 'c']) {
        res.write(part)
        await new Promise(setImmediate)
      }
      res.end()
    })
    await expectSameThenReplay(twin)
  })

  it('keeps paths, queries and hosts apart', async () => {
    twin = await nodeTwin((req, res) => void res.end(`${req.headers.host} ${req.url}`))
    const questions = ['/a', '/b', '/a?x=1', '/a?x=2'].flatMap((path) =>
      ['one.test', 'two.test'].map((Host) => ({ path, headers: { Host } })),
    )
    for (const _round of [1, 2]) {
      for (const question of questions) {
        const { body } = await ask(twin.cached, question)
        expect(body.toString()).to.equal(`${question.headers.Host} ${question.path}`)
      }
    }
    expect(trace(twin.events).filter((what) => what === 'hit')).to.have.lengthOf(questions.length)
  })

  it('runs its handler for each POST and for an error', async () => {
    twin = await nodeTwin((req, res) => void res.writeHead(req.method === 'GET' ? 500 : 200).end('own'))
    await expectSameNeverStored(twin, 'status-500')
    await ask(twin.cached, { method: 'POST' })
    expect(trace(twin.events).at(-1)).to.equal('bypass')
  })

  it('hears of an error that its own next throws, and of a promise that rejects', async () => {
    const cache = createCache()
    const cacheRoute = cache.cacheRoute('1m', { name: 'answer' }) as Middleware
    const seen: unknown[] = []
    const server = createServer((req, res) => {
      cacheRoute(req, res, (error) => {
        if (error === undefined) throw new Error('thrown by next')
        seen.push((error as Error).message)
        res.writeHead(500).end('page')
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const answers = [await ask(port), await ask(port)]
      expect(answers.map(({ status }) => status)).to.deep.equal([500, 500])
      expect(seen).to.deep.equal(['thrown by next', 'thrown by next'])
    } finally {
      server.close()
      await cache.close()
    }
  })

  it('needs no name for its route, and bumps everything by `*`', async () => {
    const cache = createCache()
    let runs = 0
    const cacheRoute = cache.cacheRoute('1m') as Middleware
    const server = createServer((req, res) => cacheRoute(req, res, () => res.end(`run ${++runs}`)))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const bodies = [await ask(port), await ask(port)].map(({ body }) => body.toString())
      await cache.bump('*')
      expect([...bodies, (await ask(port)).body.toString()]).to.deep.equal(['run 1', 'run 1', 'run 2'])
    } finally {
      server.close()
      await cache.close()
    }
  })
})

// Bodies over the cap, and bodies without end: they stream through, are not held in memory and hold nobody.

import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { expect } from 'chai'
import type { Response } from 'express'
import { expectSameNeverStored, expectSameThenReplay, expressTwin, type Twin, trace } from '../../support/compare.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { collected } from '../../support/heap.ts'
import { getSlowly } from '../../support/http-client.ts'
import { ask, value } from '../../support/wire.ts'

describe('the cap on bodies', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const route = { maxBodyBytes: 1_000 }

  // T15
  const forms: Record<string, (res: Response, size: number) => unknown> = {
    'end(chunk)': (res, size) => res.end(Buffer.alloc(size)),
    'end(string) of more bytes than characters': (res, size) => res.end('é'.repeat(size / 2)),
    'write and end': (res, size) => {
      res.write(Buffer.alloc(size - 1))
      res.end(Buffer.alloc(1))
    },
    'a length announced': (res, size) => {
      res.setHeader('Content-Length', size)
      res.write(Buffer.alloc(size))
      res.end()
    },
    'many writes': (res, size) => {
      for (let left = size; left > 0; left -= 100) res.write(Buffer.alloc(Math.min(100, left)))
      res.end()
    },
  }
  for (const [form, write] of Object.entries(forms)) {
    it(`lets a body of exactly that size in: ${form}`, async () => {
      twin = await expressTwin((_req, res) => void write(res, 1_000), { route })
      await expectSameThenReplay(twin)
    })

    it(`keeps a larger one out, and changes nothing on the wire: ${form}`, async () => {
      twin = await expressTwin((_req, res) => void write(res, 1_002), { route })
      await expectSameNeverStored(twin, 'too-large')
      expect(twin.cache.stats().tiers.l1?.entries).to.equal(0)
    })
  }

  it('is said in the head as soon as the size is known', async () => {
    twin = await expressTwin((_req, res) => void res.end(Buffer.alloc(1_001)), { route })
    expect(value(await ask(twin.cached), 'cache-status')).to.equal('tiercache-l1; fwd=miss; detail=too-large')
  })

  it('frees what was kept at once, while the rest still streams', async () => {
    const passed = deferred()
    const gate = deferred()
    twin = await expressTwin(
      async (_req, res) => {
        for (let i = 0; i < 40; i++) if (!res.write(Buffer.alloc(1_000_000))) await once(res, 'drain')
        passed.resolve()
        await gate.promise
        res.end()
      },
      { route: { maxBodyBytes: '30mb' } },
    )
    const before = collected().arrayBuffers
    let received = 0
    const client = request({ port: twin.cached, path: '/answer', host: '127.0.0.1', agent: new Agent() })
    client.end()
    const [answer] = (await once(client, 'response')) as [IncomingMessage]
    answer.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    await passed.promise
    expect(collected().arrayBuffers - before).to.be.lessThan(10_000_000)
    gate.resolve()
    await once(answer, 'end')
    expect(received).to.equal(40_000_000)
    expect(trace(twin.events)).to.deep.equal(['miss', 'too-large'])
  })

  it('releases those who wait as soon as it is passed, while the rest still streams', async () => {
    const gate = deferred()
    let runs = 0
    twin = await expressTwin(
      async (_req, res) => {
        runs++
        res.write(Buffer.alloc(900))
        await new Promise(setImmediate)
        res.write(Buffer.alloc(900))
        await gate.promise
        res.end()
      },
      { route },
    )
    const answers = await Promise.all([1, 2, 3].map(() => getSlowly(twin.cached, '/answer')))
    await eventually(() => expect(runs).to.equal(3))
    gate.resolve()
    for (const answer of answers) expect((await answer.read()).length).to.equal(1_800)
    expect(trace(twin.events).filter((what) => what === 'too-large')).to.have.lengthOf(3)
  })
})

describe('an answer without end', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // T15
  const types = ['text/event-stream', 'text/event-stream; charset=utf-8', 'TEXT/Event-Stream']
  for (const type of types) {
    it(`goes to every client at once and holds nobody: ${type}`, async () => {
      const streams: Response[] = []
      twin = await expressTwin((_req, res) => {
        streams.push(res)
        res.writeHead(200, { 'Content-Type': type })
        res.write('data: first\n\n')
      })
      const clients = await Promise.all([1, 2, 3].map(() => getSlowly(twin.cached, '/answer')))
      expect(streams).to.have.lengthOf(3)
      for (const client of clients) {
        expect(client.headers).to.include({
          'content-type': type,
          'cache-status': 'tiercache-l1; fwd=miss; detail=event-stream',
        })
        expect(client.headers).not.to.have.any.keys('etag', 'age')
      }
      for (const stream of streams) stream.end('data: last\n\n')
      for (const client of clients) expect((await client.read()).toString()).to.equal('data: first\n\ndata: last\n\n')
      const outcomes = trace(twin.events)
      expect(outcomes).to.have.members(['miss', 'miss', 'miss', 'event-stream', 'event-stream', 'event-stream'])
    })
  }

  it('holds those who came before its head no longer than until its head', async () => {
    const gate = deferred()
    const streams: Response[] = []
    let requests = 0
    twin = await expressTwin({
      mount: (app, cacheRoute) => {
        app.use((_req, _res, next) => {
          requests++
          next()
        })
        app.get('/answer', cacheRoute, async (_req, res) => {
          await gate.promise
          streams.push(res)
          res.type('text/event-stream').flushHeaders()
        })
      },
    })
    const clients = [1, 2, 3].map(() => getSlowly(twin.cached, '/answer'))
    await eventually(() => expect(requests).to.equal(3))
    gate.resolve()
    const answers = await Promise.all(clients)
    expect(streams).to.have.lengthOf(3)
    for (const answer of answers) answer.abort()
  })

  it('is not kept while it goes on, whatever its type', async () => {
    let written = 0
    let stopped = false
    twin = await expressTwin(
      async (_req, res) => {
        res.on('close', () => {
          stopped = true
        })
        while (!stopped) {
          if (!res.writableNeedDrain) {
            res.write(Buffer.alloc(100_000))
            written += 100_000
          }
          await new Promise(setImmediate)
        }
      },
      { route: { maxBodyBytes: '200kb' } },
    )
    const answer = await getSlowly(twin.cached, '/answer')
    await eventually(() => expect(trace(twin.events)).to.deep.equal(['miss', 'too-large']))
    answer.abort()
    await eventually(() => expect(stopped).to.equal(true))
    expect(written).to.be.greaterThan(200_000)
    expect(twin.cache.stats().tiers.l1?.entries).to.equal(0)
  })
})

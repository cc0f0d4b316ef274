// Whole, or not kept: an answer that broke off, fell short or came after its client left is never given to anyone else.

import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { expect } from 'chai'
import type { Request, Response } from 'express'
import { expectSameRun, expressTwin, type Twin, trace } from '../../support/compare.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { getAndLeave, getSlowly } from '../../support/http-client.ts'
import { ask, value } from '../../support/wire.ts'

describe('an answer', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const ends = (count: number) => eventually(() => expect(trace(twin.events)).to.have.lengthOf(count))

  // T12, T13: the same end of the connection as without the cache, and nothing stored
  const broken: Record<string, { reason: string; write: (res: Response, req: Request) => unknown }> = {
    'fewer bytes than announced, in one end': {
      reason: 'truncated',
      write: (res) => {
        res.setHeader('Content-Length', 10)
        res.end('short')
      },
    },
    'fewer bytes than announced, written': {
      reason: 'truncated',
      write: (res) => {
        res.writeHead(200, { 'Content-Length': 10 })
        res.write('sh')
        res.end('ort')
      },
    },
    'more bytes than announced': {
      reason: 'truncated',
      write: (res) => {
        res.setHeader('Content-Length', 2)
        res.write('long')
        res.end()
      },
    },
    'an announced length that is no number': {
      reason: 'truncated',
      write: (res) => {
        res.setHeader('Content-Length', 'many')
        res.end('body')
      },
    },
    'the response destroyed with an error mid-body': {
      reason: 'failed',
      write: (res) => {
        res.write('part', () => res.destroy(new Error('broken')))
      },
    },
    'the response destroyed without an error mid-body': {
      reason: 'failed',
      write: (res) => {
        res.write('part', () => res.destroy())
      },
    },
    'the socket destroyed by the handler mid-body': {
      reason: 'failed',
      write: (res, req) => {
        res.write('part', () => req.socket.destroy())
      },
    },
    'an error thrown after the head, which Express answers by cutting the connection': {
      reason: 'failed',
      write: async (res) => {
        await new Promise((resolve) => res.write('part', resolve))
        throw new Error('late')
      },
    },
    'a source that fails in a pipeline': {
      reason: 'failed',
      write: async (res) => {
        async function* parts() {
          yield 'part'
          await new Promise(setImmediate)
          throw new Error('source')
        }
        await pipeline(parts, res).catch(() => undefined)
      },
    },
    'the response destroyed before its first byte': { reason: 'failed', write: (res) => res.destroy() },
    'the socket destroyed by the handler before the first byte': {
      reason: 'failed',
      write: (_res, req) => req.socket.destroy(),
    },
  }
  for (const [what, { reason, write }] of Object.entries(broken)) {
    it(`is not kept, and its client sees what it sees without the cache: ${what}`, async () => {
      twin = await expressTwin((req, res) => write(res, req))
      await expectSameRun(twin)
      await ends(2)
      expect(trace(twin.events)).to.deep.equal(['miss', reason])
      await ask(twin.cached)
      await ends(4)
      expect(trace(twin.events)).to.deep.equal(['miss', reason, 'miss', reason])
    })
  }

  // Node remembers the length of an end that it refused, and sends what follows under that.
  for (const [what, go] of Object.entries<(res: Response) => void>({
    'in parts': (res) => {
      res.write('a')
      res.end('b')
    },
    'in one end': (res) => res.writeHead(200).end('another length'),
  })) {
    it(`is not kept after an end that threw, whatever follows it ${what}`, async () => {
      twin = await expressTwin((_req, res) => {
        res.statusCode = 99
        expect(() => res.end('hello')).to.throw(RangeError)
        res.statusCode = 200
        go(res)
      })
      await expectSameRun(twin)
      await ends(2)
      expect(trace(twin.events)[1]).not.to.equal('stored')
    })
  }

  // T12
  it('is discarded where its client left between two writes', async () => {
    const left = deferred()
    let runs = 0
    twin = await expressTwin(async (_req, res) => {
      runs++
      res.write('part, ')
      await left.promise
      res.end('rest')
    })
    const client = await getSlowly(twin.cached, '/answer')
    client.abort()
    await ends(2)
    left.resolve()
    expect((await ask(twin.cached)).body.toString()).to.equal('part, rest')
    expect(trace(twin.events)).to.deep.equal(['miss', 'client-left', 'miss', 'stored'])
    expect(runs).to.equal(2)
  })

  it('is kept where its client left before the whole of it came in one end', async () => {
    const arrived = deferred<Response>()
    const left = deferred()
    twin = await expressTwin(async (_req, res) => {
      arrived.resolve(res)
      await left.promise
      res.status(200).json({ whole: true })
    })
    const leave = getAndLeave(twin.cached, '/answer')
    const closed = once(await arrived.promise, 'close')
    leave()
    await closed
    left.resolve()
    await ends(2)
    const answer = await ask(twin.cached)
    expect(answer.body.toString()).to.equal('{"whole":true}')
    expect(value(answer, 'content-type')).to.equal('application/json; charset=utf-8')
    expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit'])
  })

  it('is discarded where its client left before it was written in parts', async () => {
    const arrived = deferred<Response>()
    const left = deferred()
    twin = await expressTwin(async (_req, res) => {
      arrived.resolve(res)
      await left.promise
      res.write('part, ')
      res.end('rest')
    })
    const leave = getAndLeave(twin.cached, '/answer')
    const closed = once(await arrived.promise, 'close')
    leave()
    await closed
    left.resolve()
    await ends(2)
    expect((await ask(twin.cached)).body.toString()).to.equal('part, rest')
    expect(trace(twin.events)).to.deep.equal(['miss', 'client-left', 'miss', 'stored'])
  })

  // T12, invariant 10: settled at the end, not at `finish`
  it('is whole at its end, while a slow client has not read it yet', async () => {
    const large = Buffer.alloc(20_000_000, 'l')
    let finished = false
    twin = await expressTwin(
      (_req, res) => {
        res.on('finish', () => {
          finished = true
        })
        res.end(large)
      },
      { route: { maxBodyBytes: '32mb' } },
    )
    const slow = await getSlowly(twin.cached, '/answer')
    const fast = await ask(twin.cached)
    expect(fast.body.equals(large)).to.equal(true)
    expect(value(fast, 'cache-status')).to.match(/hit/)
    expect(finished).to.equal(false)
    expect((await slow.read()).equals(large)).to.equal(true)
  })

  it('is whole where its client leaves after the end, with most of it unread', async () => {
    const large = Buffer.alloc(20_000_000, 'l')
    twin = await expressTwin((_req, res) => void res.end(large), { route: { maxBodyBytes: '32mb' } })
    const slow = await getSlowly(twin.cached, '/answer')
    slow.abort()
    const answer = await ask(twin.cached)
    expect(answer.body.equals(large)).to.equal(true)
    expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit'])
  })
})

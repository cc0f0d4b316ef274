// While an answer waits for its bump, the response reads as if it were sent; and what arrives is what would have arrived without.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect } from 'chai'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { createCache } from '../../../src/express.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { type Deferred, deferred, eventually } from '../../support/gate.ts'
import { get, getAndLeave, getSlowly } from '../../support/http-client.ts'
import { eventsOf, listening } from '../starting.ts'

describe('an answer that is held for its bump', () => {
  const listen = listening()
  let naming: Deferred<string>
  let events: CacheEvent[]
  beforeEach(() => {
    naming = deferred()
    events = []
  })

  /** The handler behind an invalidation that takes until the test lets it, and before an error handler. */
  function app(handler: RequestHandler, onError?: ErrorRequestHandler): Promise<number> {
    const { invalidate } = createCache({ listeners: [(event) => events.push(event)] })
    const app = express().set('env', 'test')
    app.get(
      '/write',
      invalidate(() => naming.promise),
      handler,
    )
    if (onError !== undefined) app.use(onError)
    return listen(app)
  }
  const bumped = () => eventsOf({ events }, 'bump').flatMap(({ tags }) => tags)

  it('reads as sent: head, end, and a head that can no longer be changed', async () => {
    const seen: unknown[] = []
    const port = await app((_req, res) => {
      seen.push(res.headersSent, res.writableEnded)
      res.status(201).end('written')
      seen.push(res.headersSent, res.writableEnded)
      expect(() => res.setHeader('X-Late', '1')).to.throw(/after they are sent/)
      naming.resolve('x')
    })
    expect(await get(port, '/write')).to.deep.include({ status: 201, text: 'written' })
    expect(seen).to.deep.equal([false, false, true, true])
  })

  it('makes a writer wait for drain, and then goes on', async () => {
    const seen: unknown[] = []
    const port = await app((_req, res) => {
      seen.push(res.write('a'))
      res.once('drain', () => {
        seen.push('drain', bumped().length, res.write('b'))
        res.end()
      })
    })
    const answer = get(port, '/write')
    await eventually(() => expect(seen).to.deep.equal([false]))
    naming.resolve('x')
    expect((await answer).text).to.equal('ab')
    expect(seen).to.deep.equal([false, 'drain', 1, true])
  })

  it('takes a stream of any size through, byte for byte', async () => {
    const chunks = Array.from({ length: 100 }, (_, i) => Buffer.alloc(10_000, i))
    const port = await app(async (_req, res) => {
      await pipeline(Readable.from(chunks), res)
    })
    const answer = get(port, '/write')
    setImmediate(() => naming.resolve('x'))
    expect((await answer).body.equals(Buffer.concat(chunks))).to.equal(true)
  })

  it('sends a chunk as it was when it was written', async () => {
    const port = await app((_req, res) => {
      const chunk = Buffer.from('first')
      res.write(chunk)
      chunk.fill('x')
      res.end()
      naming.resolve('x')
    })
    expect((await get(port, '/write')).text).to.equal('first')
  })

  it('calls each callback once, after the bump', async () => {
    const seen: string[] = []
    const note = (what: string) => () => void seen.push(`${what}, ${bumped().length === 0 ? 'too early' : 'in time'}`)
    const port = await app((_req, res) => {
      res.write('a', note('write'))
      res.write('b', 'latin1', note('write'))
      res.end('c', note('end'))
    })
    const answer = get(port, '/write')
    naming.resolve('x')
    expect((await answer).text).to.equal('abc')
    await eventually(() => expect(seen).to.deep.equal(['write, in time', 'write, in time', 'end, in time']))
  })

  it('is not answered twice by an error handler', async () => {
    const seen: unknown[] = []
    const port = await app(
      (_req, res) => {
        res.json({ written: true })
        throw new Error('after the answer')
      },
      (error, _req, res, _next) => {
        seen.push(error.message, res.headersSent, res.writableEnded)
        if (!res.headersSent) res.status(500).send('failed')
        naming.resolve('x')
      },
    )
    expect(await get(port, '/write')).to.deep.include({ status: 200, text: '{"written":true}' })
    expect(seen).to.deep.equal(['after the answer', true, true])
  })

  // T14
  it('fails a second end as it would without', async () => {
    const errors: (string | undefined)[] = []
    const port = await app((_req, res) => {
      res.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code))
      res.end('once')
      res.end('twice', (error?: Error) => errors.push((error as NodeJS.ErrnoException | undefined)?.code))
      naming.resolve('x')
    })
    expect((await get(port, '/write')).text).to.equal('once')
    const plain: (string | undefined)[] = []
    const bare = await listen(
      express().get('/write', (_req, res) => {
        res.on('error', (error: NodeJS.ErrnoException) => plain.push(error.code))
        res.end('once')
        res.end('twice', (error?: Error) => plain.push((error as NodeJS.ErrnoException | undefined)?.code))
      }),
    )
    await get(bare, '/write')
    await eventually(() => expect(errors).to.deep.equal(plain))
  })

  it('is forgotten where its client leaves meanwhile, and the bump is not', async () => {
    const reached = deferred()
    const closed = deferred()
    const port = await app((_req, res) => {
      res.on('close', closed.resolve)
      res.end('written')
      reached.resolve()
    })
    const leave = getAndLeave(port, '/write')
    await reached.promise
    leave()
    await closed.promise
    expect(bumped()).to.deep.equal([])
    naming.resolve('x')
    await eventually(() => expect(bumped()).to.deep.equal(['x']))
  })

  it('bumps again before its last byte, where bytes left before its end', async () => {
    let end!: () => void
    const port = await app((_req, res) => {
      res.write('first, ')
      end = () => res.end('last')
    })
    naming.resolve('x')
    const answer = await getSlowly(port, '/write')
    expect(bumped()).to.deep.equal(['x'])
    end()
    expect(String(await answer.read())).to.equal('first, last')
    expect(bumped()).to.deep.equal(['x', 'x'])
  })
})

// A write that answers while it still writes: whoever reads after its last byte reads what it wrote.
import { PassThrough, Readable } from 'node:stream'
import { expect } from 'chai'
import Koa, { type Context } from 'koa'
import { type SinonFakeTimers, useFakeTimers } from 'sinon'
import { createCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { type Deferred, deferred, eventually } from '../../support/gate.ts'
import { get, getSlowly } from '../../support/http-client.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, listening, outcomes, starting } from '../starting.ts'

overFrameworks('a write that streams its answer', (harness) => {
  const start = starting(harness)

  // T61
  it('bumps before its first byte and before its last: what was cached between is gone', async () => {
    let value = 1
    const stream = new PassThrough()
    const app = await start((app) => {
      app.read('/value', () => ({ body: `value ${value}` }))
      app.write('get' as 'put', '/write', ['/value'], () => ({
        headers: { 'Content-Type': 'text/plain' },
        body: stream,
      }))
    })
    const read = async () => (await get(app.port, '/value')).text
    expect(await read()).to.equal('value 1')
    stream.write('begun, ')
    const writer = await getSlowly(app.port, '/write')
    expect(eventsOf(app, 'bump')).to.have.length(1)
    // Between the first byte and the commit the former value is stored again.
    expect(await read()).to.equal('value 1')
    expect(await read()).to.equal('value 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit'])
    value = 2
    stream.end('done')
    expect(String(await writer.read())).to.equal('begun, done')
    expect(await read()).to.equal('value 2')
    expect(eventsOf(app, 'bump')).to.have.length(2)
  })

  // T61
  it('holds its last byte back until that bump is done', async () => {
    const namings: Deferred<string>[] = []
    const stream = new PassThrough()
    const app = await start((app) => {
      const target = () => {
        const naming = deferred<string>()
        namings.push(naming)
        return naming.promise
      }
      app.write('get' as 'put', '/write', [target], () => ({
        headers: { 'Content-Type': 'text/plain' },
        body: stream,
      }))
    })
    stream.write('begun, ')
    const writer = getSlowly(app.port, '/write')
    await eventually(() => expect(namings).to.have.length(1))
    namings[0]!.resolve('x')
    let over = false
    const body = (await writer).read().then((bytes) => {
      over = true
      return String(bytes)
    })
    stream.end('done')
    await eventually(() => expect(namings).to.have.length(2))
    await get(app.port, '/nothing')
    expect(over).to.equal(false)
    namings[1]!.resolve('x')
    expect(await body).to.equal('begun, done')
  })
})

overFrameworks('a write whose client leaves in the middle of its answer', (harness) => {
  const start = starting(harness)
  let time: SinonFakeTimers
  beforeEach(() => {
    time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => time.restore())

  for (const [title, finish] of Object.entries({
    'goes on to its end': (stream: PassThrough): unknown => stream.end('done'),
    breaks: (stream: PassThrough): unknown => stream.destroy(),
    'says nothing more': (): unknown => undefined,
  })) {
    // T61
    it(`is seen all the same where it then ${title}`, async () => {
      let value = 1
      const stream = new PassThrough()
      stream.on('error', () => {})
      const app = await start((app) => {
        app.read('/value', () => ({ body: `value ${value}` }))
        app.write('get' as 'put', '/write', ['/value'], () => ({
          headers: { 'Content-Type': 'text/plain' },
          body: stream,
        }))
      })
      const closed = deferred()
      app.server.once('connection', (socket) => socket.on('close', () => closed.resolve()))
      stream.write('begun, ')
      const writer = await getSlowly(app.port, '/write')
      writer.abort()
      await closed.promise
      const read = async () => (await get(app.port, '/value')).text
      for (let asked = 0; asked < 2; asked++) expect(await read()).to.equal('value 1')
      value = 2
      finish(stream)
      await new Promise(setImmediate)
      time.tick(1_000)
      await eventually(async () => expect(await read()).to.equal('value 2'))
    })
  }
})

describe('a write that streams its answer on Koa alone', () => {
  const listen = listening()

  /** Two pieces; between them the write commits. */
  async function* pieces(commit: Promise<void>): AsyncGenerator<Buffer> {
    yield Buffer.from('begun, ')
    await commit
    yield Buffer.from('done')
  }
  const web = (commit: Promise<void>) => Readable.toWeb(Readable.from(pieces(commit))) as ReadableStream
  const answers: Readonly<Record<string, (ctx: Context, commit: Promise<void>) => unknown>> = {
    'a ReadableStream': (ctx, commit) => {
      ctx.body = web(commit)
    },
    'a Response': (ctx, commit) => {
      ctx.body = new Response(web(commit))
    },
    'the response itself': async (ctx, commit) => {
      ctx.respond = false
      ctx.res.statusCode = 200
      for await (const piece of pieces(commit)) ctx.res.write(piece)
      ctx.res.end()
    },
  }

  for (const [title, answer] of Object.entries(answers)) {
    // T61
    it(`bumps before its first byte and before its last: ${title}`, async () => {
      const commit = deferred()
      const events: CacheEvent[] = []
      const { invalidate } = createCache({ listeners: [(event) => events.push(event)] })
      const app = new Koa().use(async (ctx, next) => {
        ctx.method = 'PUT'
        await next()
      })
      app.use(invalidate('x')).use((ctx) => answer(ctx, commit.promise))
      const writer = await getSlowly(await listen(app), '/write')
      await eventually(() => expect(eventsOf({ events }, 'bump')).to.have.length(1))
      commit.resolve()
      expect(String(await writer.read())).to.equal('begun, done')
      expect(eventsOf({ events }, 'bump')).to.have.length(2)
    })
  }
})

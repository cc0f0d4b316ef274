// Who is at the other end of a streamed body under Koa: clients that leave or read slowly, and those who wait for the same stream.

import { PassThrough, Readable } from 'node:stream'
import { expect } from 'chai'
import type { Context } from 'koa'
import { koaTwin, type Twin, trace } from '../../support/compare.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { getSlowly } from '../../support/http-client.ts'
import { ask, value } from '../../support/wire.ts'

describe('a stream as body', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const ends = (count: number) => eventually(() => expect(trace(twin.events)).to.have.lengthOf(count))

  // T23
  it('is destroyed when its client leaves, and what it gave so far is discarded', async () => {
    const source = new PassThrough()
    let runs = 0
    twin = await koaTwin((ctx) => {
      if (++runs === 1) ctx.body = source
      else ctx.body = 'whole'
    })
    source.write('part')
    const client = await getSlowly(twin.cached, '/answer')
    const closed = new Promise((resolve) => source.once('close', resolve))
    client.abort()
    await closed
    expect(source.destroyed).to.equal(true)
    await ends(2)
    expect((await ask(twin.cached)).body.toString()).to.equal('whole')
    expect(trace(twin.events)).to.deep.equal(['miss', 'client-left', 'miss', 'stored'])
  })

  it('that may not be stored is destroyed when its client leaves', async () => {
    const source = new PassThrough()
    twin = await koaTwin((ctx) => {
      ctx.set('Cache-Control', 'no-store')
      ctx.body = source
    })
    source.write('part')
    const client = await getSlowly(twin.cached, '/answer')
    const closed = new Promise((resolve) => source.once('close', resolve))
    client.abort()
    await closed
    expect(trace(twin.events)).to.deep.equal(['miss', 'no-store'])
  })

  // T4, T15
  it('over the cap streams on, feels back-pressure and is not kept', async () => {
    const chunk = Buffer.alloc(1_000_000, 'c')
    let given = 0
    const source = new Readable({
      read() {
        given++
        this.push(given > 40 ? null : chunk)
      },
    })
    let runs = 0
    twin = await koaTwin((ctx) => {
      ctx.body = ++runs === 1 ? source : 'small'
    })
    const client = await getSlowly(twin.cached, '/answer')
    await ends(2)
    expect(trace(twin.events)).to.deep.equal(['miss', 'too-large'])
    expect(given).to.be.lessThan(40)
    expect((await client.read()).length).to.equal(40_000_000)
    expect((await ask(twin.cached)).body.toString()).to.equal('small')
  })

  it('of events goes to every client at once and holds nobody', async () => {
    const sources: PassThrough[] = []
    twin = await koaTwin((ctx) => {
      const source = new PassThrough()
      sources.push(source)
      source.write('data: first\n\n')
      ctx.type = 'text/event-stream'
      ctx.body = source
    })
    const clients = await Promise.all([1, 2, 3].map(() => getSlowly(twin.cached, '/answer')))
    expect(sources).to.have.lengthOf(3)
    for (const { headers } of clients) {
      expect(headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=event-stream')
    }
    for (const source of sources) source.end('data: last\n\n')
    for (const client of clients) expect((await client.read()).toString()).to.equal('data: first\n\ndata: last\n\n')
  })

  // T23: followers of a stream that fails run at once
  it('that fails releases all who wait, in parallel', async () => {
    const gate = deferred()
    let requests = 0
    let runs = 0
    const count = async (_ctx: Context, next: () => Promise<unknown>) => {
      requests++
      await next()
    }
    twin = await koaTwin([
      count,
      undefined,
      async (ctx) => {
        if (++runs === 1) {
          const source = new PassThrough()
          ctx.body = source
          source.write('part')
          void gate.promise.then(() => source.destroy(new Error('source')))
          return
        }
        await eventually(() => expect(runs).to.equal(5))
        ctx.body = 'whole'
      },
    ])
    const leader = ask(twin.cached)
    await eventually(() => expect(runs).to.equal(1))
    const followers = [1, 2, 3, 4].map(() => ask(twin.cached))
    await eventually(() => expect(requests).to.equal(5))
    gate.resolve()
    expect((await leader).whole).to.equal(false)
    for (const answer of await Promise.all(followers)) expect(answer.body.toString()).to.equal('whole')
  })

  it('is shared with those who wait for it, byte for byte', async () => {
    const source = new PassThrough()
    let requests = 0
    twin = await koaTwin([
      async (_ctx, next) => {
        requests++
        await next()
      },
      undefined,
      (ctx) => {
        ctx.body = source
      },
    ])
    const clients = [1, 2, 3].map(() => ask(twin.cached))
    await eventually(() => expect(requests).to.equal(3))
    source.end(Buffer.from([0, 255, 128]))
    const answers = await Promise.all(clients)
    for (const { body } of answers) expect([...body]).to.deep.equal([0, 255, 128])
    const statuses = answers.map((answer) => value(answer, 'cache-status')).sort()
    expect(statuses).to.deep.equal([
      'tiercache-l1; fwd=miss; collapsed',
      'tiercache-l1; fwd=miss; collapsed',
      'tiercache-l1; fwd=miss; stored',
    ])
  })
})

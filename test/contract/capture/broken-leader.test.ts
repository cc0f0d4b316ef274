// A leader whose answer breaks off releases its followers at once: all together where it failed, one by one where only its client left.

import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect } from 'chai'
import type { Request, Response } from 'express'
import { expressTwin, type Twin, trace } from '../../support/compare.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { getAndLeave } from '../../support/http-client.ts'
import { ask } from '../../support/wire.ts'

const FOLLOWERS = 5

describe('followers of an answer that breaks off', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // Nobody tells how many wait: a request that reached the server and has not run waits.
  const arrived = (count: number, seen: () => number) =>
    eventually(() => expect(seen()).to.equal(count), { within: 5_000 })

  /** Counts requests before the cache, so that a test knows when all followers have come. */
  async function start(handler: (res: Response, req: Request, run: number) => unknown) {
    let requests = 0
    let runs = 0
    twin = await expressTwin({
      mount: (app, cacheRoute) =>
        app.get(
          '/answer',
          (_req, _res, next) => {
            requests++
            next()
          },
          cacheRoute,
          (req, res) => handler(res, req, ++runs),
        ),
    })
    return { requests: () => requests, runs: () => runs }
  }

  // T12, T13, T48: a handler that fails releases all in parallel, or N failures would take N times its time
  const failures: Record<string, (res: Response, req: Request) => unknown> = {
    'destroys the response mid-body': (res) => res.write('part', () => res.destroy(new Error('broken'))),
    'destroys the response before its first byte': (res) => res.destroy(),
    'destroys the socket before its first byte': (_res, req) => req.socket.destroy(),
    'throws after the head': async (res) => {
      await new Promise((resolve) => res.write('part', resolve))
      throw new Error('late')
    },
    'pipes a source that fails': async (res) => {
      async function* parts() {
        yield 'part'
        await new Promise(setImmediate)
        throw new Error('source')
      }
      await pipeline(parts, res).catch(() => undefined)
    },
    'pipes a source that fails before its first byte': async (res) => {
      const failing = new Readable({ read: () => void failing.destroy(new Error('source')) })
      await pipeline(failing, res).catch(() => undefined)
    },
    'announces more than it sends': (res) => {
      res.setHeader('Content-Length', 10)
      res.end('short')
    },
  }
  for (const [what, fail] of Object.entries(failures)) {
    it(`all run at once when the leader ${what}`, async () => {
      const gate = deferred()
      const inside = deferred()
      const { requests, runs } = await start(async (res, req, run) => {
        if (run === 1) {
          inside.resolve()
          await gate.promise
          return fail(res, req)
        }
        // Nobody answers before all of them run.
        await eventually(() => expect(runs()).to.equal(1 + FOLLOWERS), { within: 5_000 })
        res.send('whole')
      })
      const leader = ask(twin.cached)
      await inside.promise
      const followers = Array.from({ length: FOLLOWERS }, () => ask(twin.cached))
      await arrived(1 + FOLLOWERS, requests)
      gate.resolve()
      await leader
      for (const answer of await Promise.all(followers)) expect(answer.body.toString()).to.equal('whole')
      expect(runs()).to.equal(1 + FOLLOWERS)
    })
  }

  // T12, T49: where only the client left, one follower leads and the rest stay
  const leaving: Record<string, (res: Response, source: PassThrough) => unknown> = {
    'source.pipe(response)': (res, source) => source.pipe(res),
    'pipeline(source, response)': (res, source) => pipeline(source, res).catch(() => undefined),
    'response.write, again and again without an end': (res, source) => source.on('data', (part) => res.write(part)),
  }
  for (const [form, pipe] of Object.entries(leaving)) {
    it(`follow one of them when the leader’s client left before the first byte of ${form}`, async () => {
      const inside = deferred<Response>()
      const source = new PassThrough()
      const { requests, runs } = await start((res, _req, run) => {
        if (run > 1) return void res.send('whole')
        pipe(res, source)
        inside.resolve(res)
      })
      const leave = getAndLeave(twin.cached, '/answer')
      const closed = once(await inside.promise, 'close')
      const followers = Array.from({ length: FOLLOWERS }, () => ask(twin.cached))
      await arrived(1 + FOLLOWERS, requests)
      leave()
      await closed
      source.end('too late')
      for (const answer of await Promise.all(followers)) expect(answer.body.toString()).to.equal('whole')
      expect(runs()).to.equal(2)
      // The others waited for the new leader, or came to what it had stored.
      const outcomes = trace(twin.events)
      expect(outcomes).to.include('client-left')
      expect(outcomes.filter((what) => what === 'collapsed' || what === 'hit')).to.have.lengthOf(FOLLOWERS - 1)
    })
  }

  it('follow one of them when the leader’s client left mid-body', async () => {
    const inside = deferred<Response>()
    const { requests, runs } = await start(async (res, _req, run) => {
      if (run > 1) return void res.send('whole')
      inside.resolve(res)
    })
    const leave = getAndLeave(twin.cached, '/answer')
    const res = await inside.promise
    const followers = Array.from({ length: FOLLOWERS }, () => ask(twin.cached))
    await arrived(1 + FOLLOWERS, requests)
    await new Promise<unknown>((resolve) => res.write('part', resolve))
    leave()
    for (const answer of await Promise.all(followers)) expect(answer.body.toString()).to.equal('whole')
    expect(runs()).to.equal(2)
    expect(trace(twin.events)).to.include('client-left')
  })

  it('share the answer when the leader’s client left and the whole came in one end', async () => {
    const inside = deferred<Response>()
    const { requests, runs } = await start((res) => inside.resolve(res))
    const leave = getAndLeave(twin.cached, '/answer')
    const res = await inside.promise
    const closed = once(res, 'close')
    const followers = Array.from({ length: FOLLOWERS }, () => ask(twin.cached))
    await arrived(1 + FOLLOWERS, requests)
    leave()
    await closed
    res.send('whole')
    for (const answer of await Promise.all(followers)) expect(answer.body.toString()).to.equal('whole')
    expect(runs()).to.equal(1)
  })
})

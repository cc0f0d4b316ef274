// Streams under Koa: whole ones are stored, broken ones fail as without the cache.

import { PassThrough, Readable, Transform } from 'node:stream'
import { expect } from 'chai'
import type { Context } from 'koa'
import {
  expectFilledBehindNotModified,
  expectSameRun,
  expectSameThenReplay,
  koaTwin,
  type Twin,
  trace,
} from '../../support/compare.ts'
import { eventually } from '../../support/gate.ts'
import { ask } from '../../support/wire.ts'

async function* parts() {
  yield 'one, '
  yield Buffer.from('two, ')
  await new Promise(setImmediate)
  yield 'three'
}

describe('a stream as body', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const ends = (count: number) => eventually(() => expect(trace(twin.events)).to.have.lengthOf(count))

  // T22, T23
  const whole: Record<string, (ctx: Context) => unknown> = {
    'of an async iterator': (ctx) => (ctx.body = Readable.from(parts())),
    'of objects that are strings': (ctx) => (ctx.body = Readable.from(['zażółć ', 'gęślą'])),
    'with an encoding set': (ctx) => (ctx.body = Readable.from([Buffer.from('ff00', 'hex')]).setEncoding('hex')),
    'with a type': (ctx) => {
      ctx.type = 'text/csv'
      ctx.body = Readable.from(['a;b'])
    },
    'with a length': (ctx) => {
      ctx.length = 3
      ctx.body = Readable.from(['a;b'])
    },
    'with a length set after it': (ctx) => {
      ctx.body = Readable.from(['a;b'])
      ctx.length = 3
    },
    'without a type': (ctx) => {
      ctx.body = Readable.from(['a;b'])
      ctx.remove('Content-Type')
    },
    'that is empty': (ctx) => (ctx.body = Readable.from([])),
    'through a transform': (ctx) =>
      (ctx.body = Readable.from(['abc']).pipe(
        new Transform({ transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()) }),
      )),
    'that ended before it was read': async (ctx) => {
      const body = new PassThrough()
      body.end('all of it')
      await new Promise(setImmediate)
      ctx.body = body
    },
    'with a status of its own': (ctx) => {
      ctx.status = 203
      ctx.body = Readable.from(['a'])
    },
    'of a megabyte': (ctx) => (ctx.body = Readable.from([Buffer.alloc(500_000, 'a'), Buffer.alloc(500_000, 'b')])),
  }
  for (const [what, answer] of Object.entries(whole)) {
    it(`is stored and replayed as it was sent: ${what}`, async () => {
      twin = await koaTwin(async (ctx) => void (await answer(ctx)))
      await expectSameThenReplay(twin)
    })

    // T81
    it(`is stored behind a 304 on a cold cache: ${what}`, async () => {
      twin = await koaTwin(async (ctx) => void (await answer(ctx)))
      await expectFilledBehindNotModified(twin)
    })
  }

  // T23: the client sees what it sees without us; nothing is kept
  const broken: Record<string, { answer: (ctx: Context) => void; reason: string }> = {
    'an error before the first byte': {
      answer: (ctx) => {
        const source: Readable = new Readable({ read: () => void source.destroy(new Error('source')) })
        ctx.body = source
      },
      reason: 'failed',
    },
    'an error after some bytes': {
      answer: (ctx) => {
        async function* failing() {
          yield 'part'
          await new Promise(setImmediate)
          throw new Error('source')
        }
        ctx.body = Readable.from(failing())
      },
      reason: 'failed',
    },
    'an end before the end': {
      answer: (ctx) => {
        const source = new PassThrough()
        source.write('part')
        source.once('data', () => setImmediate(() => source.destroy()))
        ctx.body = source
      },
      reason: 'failed',
    },
    'a source destroyed already': {
      answer: (ctx) => {
        ctx.body = new PassThrough().destroy()
      },
      reason: 'failed',
    },
    'fewer bytes than announced': {
      answer: (ctx) => {
        ctx.body = Readable.from(['short'])
        ctx.length = 10
      },
      reason: 'truncated',
    },
    'a web stream that fails': {
      answer: (ctx) => {
        let pulls = 0
        ctx.body = new ReadableStream({
          pull(controller) {
            if (pulls++ === 0) controller.enqueue(new TextEncoder().encode('part'))
            else controller.error(new Error('source'))
          },
        })
      },
      reason: 'failed',
    },
  }
  for (const [what, { answer, reason }] of Object.entries(broken)) {
    it(`is not kept, and its client sees what it sees without the cache: ${what}`, async () => {
      twin = await koaTwin((ctx) => answer(ctx))
      await expectSameRun(twin)
      await ends(2)
      const [outcome, verdict] = trace(twin.events)
      expect(outcome).to.equal('miss')
      expect(verdict).to.be.oneOf([reason, 'truncated'])
      await ask(twin.cached)
      await ends(4)
      expect(trace(twin.events)[3]).to.equal(verdict)
    })
  }
})

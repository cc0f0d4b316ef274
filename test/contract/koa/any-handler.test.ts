// Whatever a handler does to its context, in whatever order: the same goes over the wire behind the cache, and comes from it.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Context } from 'koa'
import { koaTwin, trace } from '../../support/compare.ts'
import { ask, expectReplay, expectSame } from '../../support/wire.ts'

/** Fresh bodies of every kind: some can be read only once. */
const bodies: Record<string, () => unknown> = {
  text: () => 'zażółć',
  html: () => '<p>hi</p>',
  empty: () => '',
  object: () => ({ a: 1 }),
  number: () => 0,
  false: () => false,
  null: () => null,
  undefined: () => undefined,
  buffer: () => Buffer.from([0, 255]),
  bytes: () => Uint8Array.of(1, 2),
  stream: () => Readable.from(['one, ', 'two']),
  'no stream': () => Readable.from([]),
  blob: () => new Blob(['blob'], { type: 'text/csv' }),
  'web stream': () => new Blob(['web']).stream(),
  response: () => new Response('response', { status: 203, headers: { 'X-A': '1' } }),
  'empty response': () => new Response(null),
}

type Step =
  | { readonly do: 'body'; readonly kind: string }
  | { readonly do: 'status'; readonly status: number }
  | { readonly do: 'message' | 'type' | 'etag'; readonly text: string }
  | { readonly do: 'length'; readonly length: number }
  | { readonly do: 'set' | 'append'; readonly name: string; readonly value: string | string[] }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'turn' | 'redirect' | 'throw' }

const name = fc.constantFrom('X-A', 'Link', 'Content-Type', 'Cache-Control', 'Vary', 'ETag', 'Content-Length')
const text = fc.constantFrom('a', '"v1"', 'text/plain', 'private', 'max-age=9')
const step = fc.oneof(
  fc.record({ do: fc.constant('body'), kind: fc.constantFrom(...Object.keys(bodies)) }),
  fc.record({ do: fc.constant('body'), kind: fc.constantFrom(...Object.keys(bodies)) }),
  fc.record({ do: fc.constant('status'), status: fc.constantFrom(200, 203, 204, 205, 301, 404, 500) }),
  fc.record({ do: fc.constant('message'), text: fc.constantFrom('Fine', 'OK') }),
  fc.record({ do: fc.constant('type'), text: fc.constantFrom('json', 'html', 'bin') }),
  fc.record({ do: fc.constant('etag'), text: fc.constantFrom('v1', 'W/"v2"') }),
  fc.record({ do: fc.constant('length'), length: fc.constantFrom(0, 4, 8) }),
  fc.record({
    do: fc.constantFrom('set', 'append'),
    name,
    value: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 2 })),
  }),
  fc.record({ do: fc.constant('remove'), name }),
  fc.record({ do: fc.constantFrom('turn', 'turn', 'redirect', 'redirect', 'throw') }),
) as fc.Arbitrary<Step>

async function perform(ctx: Context, one: Step): Promise<void> {
  switch (one.do) {
    case 'body':
      ctx.body = bodies[one.kind]!()
      break
    case 'status':
      ctx.status = one.status
      break
    case 'message':
      ctx.message = one.text
      break
    case 'type':
      ctx.type = one.text
      break
    case 'etag':
      ctx.etag = one.text
      break
    case 'length':
      ctx.length = one.length
      break
    case 'set':
      ctx.set(one.name, one.value)
      break
    case 'append':
      ctx.append(one.name, one.value)
      break
    case 'remove':
      ctx.remove(one.name)
      break
    case 'redirect':
      ctx.redirect('/there')
      break
    case 'throw':
      throw new Error('broken')
    case 'turn':
      await new Promise(setImmediate)
  }
}

describe('any handler of Koa', () => {
  // T22
  it('sends the same behind the cache as without it', async function () {
    this.timeout(60_000)
    let steps: readonly Step[] = []
    let count = 0
    const twin = await koaTwin(async (ctx) => {
      for (const one of steps) await perform(ctx, one)
    })
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (program) => {
          steps = program
          const question = { path: `/answer?n=${++count}` }
          const before = twin.events.length
          const reference = await ask(twin.bare, question)
          expectSame(await ask(twin.cached, question), reference)
          const second = await ask(twin.cached, question)
          const outcomes = trace(twin.events.slice(before))
          if (outcomes[1] === 'stored') {
            expect(outcomes).to.deep.equal(['miss', 'stored', 'hit'])
            expect(reference.whole).to.equal(true)
            expectReplay(second, reference)
          } else expectSame(second, reference)
        }),
        { numRuns: 200 },
      )
    } finally {
      await twin.stop()
    }
  })
})

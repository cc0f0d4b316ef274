// Whatever a handler does to its response, in whatever order: it sees and sends the same behind the cache, and the same comes from it.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { expect } from 'chai'
import fc from 'fast-check'
import { expressTwin, nodeTwin, type Twin, trace } from '../../support/compare.ts'
import { ask, expectReplay, expectSame } from '../../support/wire.ts'

/** One thing a handler does. */
type Step =
  | { readonly do: 'set' | 'append'; readonly name: string; readonly value: string | string[] }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'status'; readonly status: number }
  | { readonly do: 'phrase'; readonly phrase: string }
  | {
      readonly do: 'writeHead'
      readonly status: number
      readonly phrase?: string
      readonly fields?: OutgoingHttpHeaders
    }
  | { readonly do: 'flushHeaders' | 'cork' | 'uncork' | 'turn' }
  | { readonly do: 'write' | 'end'; readonly chunk?: string | Buffer; readonly encoding?: BufferEncoding }

const name = fc.constantFrom('X-A', 'x-b', 'Link', 'Content-Type', 'ETag', 'Cache-Control', 'Vary')
const text = fc.constantFrom('a', '"v1"', '4', 'text/plain', 'max-age=9', 'private', '')
const status = fc.constantFrom(200, 203, 204, 301, 404, 500, 99)
const bytes = fc.uint8Array({ maxLength: 9 }).map((array) => Buffer.from(array))
/** What is written: bytes, or text in an encoding that it is valid in (Node breaks the framing of what is not). */
const piece = fc.oneof(
  fc.record({ chunk: bytes }),
  fc.record({ chunk: fc.constantFrom('', 'four', 'zażółć', '😀') }),
  fc.record({
    chunk: fc.constantFrom('', 'four', 'zażółć', '😀'),
    encoding: fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'ucs2'),
  }),
  fc.record({ chunk: fc.constantFrom('', 'c3a9', '00ff'), encoding: fc.constantFrom<BufferEncoding>('hex', 'base64') }),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('set', 'append'),
    name,
    value: fc.oneof(text, fc.constant('forbidden\n'), fc.array(text, { minLength: 1, maxLength: 2 })),
  }),
  fc.record({ do: fc.constant('set'), name: fc.constant('Content-Length'), value: fc.constantFrom('0', '4', '8') }),
  fc.record({ do: fc.constant('remove'), name: fc.oneof(name, fc.constant('Content-Length')) }),
  fc.record({ do: fc.constant('status'), status }),
  fc.record({ do: fc.constant('phrase'), phrase: fc.constantFrom('Fine', 'OK') }),
  fc.record(
    {
      do: fc.constant('writeHead'),
      status,
      phrase: fc.constantFrom('Fine', 'OK'),
      fields: fc.dictionary(name, text, { maxKeys: 2 }),
    },
    { requiredKeys: ['do', 'status'] },
  ),
  fc.record({ do: fc.constantFrom('flushHeaders', 'cork', 'uncork', 'turn') }),
  piece.map((one) => ({ do: 'write', ...one })),
  piece.map((one) => ({ do: 'write', ...one })),
  fc.option(piece, { nil: {} }).map((one) => ({ do: 'end', ...one })),
) as fc.Arbitrary<Step>

/** Node appends to the very array that it was given. */
const copied = (value: string | string[]) => (typeof value === 'string' ? value : [...value])

function perform(res: ServerResponse, one: Step): unknown {
  switch (one.do) {
    case 'set':
      return res.setHeader(one.name, copied(one.value)) === res
    case 'append':
      return res.appendHeader(one.name, copied(one.value)) === res
    case 'remove':
      return res.removeHeader(one.name)
    case 'status':
      res.statusCode = one.status
      return
    case 'phrase':
      res.statusMessage = one.phrase
      return
    case 'writeHead':
      return one.phrase === undefined
        ? res.writeHead(one.status, one.fields) === res
        : res.writeHead(one.status, one.phrase, one.fields) === res
    case 'write':
      return one.encoding === undefined ? res.write(one.chunk) : res.write(one.chunk, one.encoding)
    case 'end':
      return (one.encoding === undefined ? res.end(one.chunk) : res.end(one.chunk, one.encoding)) === res
    case 'turn':
      return
    default:
      return res[one.do]()
  }
}

/** Does all steps, then ends if need be. Resolves to what each returned or threw, and what the response read as. */
async function play(res: ServerResponse, steps: readonly Step[]): Promise<string[]> {
  const log: string[] = []
  res.on('error', (error: NodeJS.ErrnoException) => log.push(`error ${error.code}`))
  for (const one of steps) {
    if (one.do === 'turn') await new Promise(setImmediate)
    try {
      log.push(`${one.do}: ${perform(res, one)}`)
    } catch (error) {
      log.push(`${one.do}: ${(error as NodeJS.ErrnoException).code}`)
    }
    log.push(`${res.headersSent} ${res.writableEnded}`)
  }
  if (!res.writableEnded) {
    // Something that Node takes, whatever it refused before.
    if (!res.headersSent) Object.assign(res, { statusCode: 200, statusMessage: 'OK' })
    res.end()
  }
  await new Promise(setImmediate)
  return log
}

describe('any handler', () => {
  const servers: Record<string, (handler: (res: ServerResponse) => unknown) => Promise<Twin>> = {
    Express: (handler) => expressTwin((_req, res) => handler(res)),
    'node:http': (handler) => nodeTwin((_req, res) => void handler(res)),
  }
  for (const [server, start] of Object.entries(servers)) {
    // T1 to T14
    it(`sees and sends the same behind the cache as without it on ${server}`, async function () {
      this.timeout(60_000)
      let steps: readonly Step[] = []
      let playing: Promise<string[]> | undefined
      const twin = await start((res) => {
        playing = play(res, steps)
        return playing
      })
      let count = 0
      const compare = async (program: readonly Step[]) => {
        steps = program
        const question = { path: `/answer?n=${++count}` }
        const events = twin.events.length
        const reference = await ask(twin.bare, question)
        const log = await playing
        expectSame(await ask(twin.cached, question), reference)
        expect(await playing).to.deep.equal(log)
        const second = await ask(twin.cached, question)
        const outcomes = trace(twin.events.slice(events))
        if (outcomes[1] !== 'stored') return expectSame(second, reference)
        expect(outcomes).to.deep.equal(['miss', 'stored', 'hit'])
        expect(reference.whole).to.equal(true)
        expectReplay(second, reference)
      }
      try {
        await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 8 }), compare), { numRuns: 200 })
      } finally {
        await twin.stop()
      }
    })
  }
})

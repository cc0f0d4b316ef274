// One answer as it came over the wire, and what of it may differ between the handler's own and a cached one.

import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { expect } from 'chai'

/** An answer with everything that a client can see of it. */
export interface WireAnswer {
  /** 0 when the connection ended before any head. */
  readonly status: number
  readonly phrase: string
  /** Names and values as they came, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  readonly trailers: readonly string[]
  /** The statuses of informational answers before the final one. */
  readonly hints: readonly number[]
  /** False where the connection ended before the message did. */
  readonly whole: boolean
}

/** What is asked besides the port. */
export interface Question {
  readonly path?: string
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
}

/** Asks on a connection of its own; resolves also where the answer breaks off. */
export function ask(port: number, { path = '/answer', method = 'GET', headers = {} }: Question = {}) {
  return new Promise<WireAnswer>((resolve) => {
    const hints: number[] = []
    const chunks: Buffer[] = []
    let head: IncomingMessage | undefined
    const finish = () => {
      const raw = head?.rawHeaders ?? []
      resolve({
        status: head?.statusCode ?? 0,
        phrase: head?.statusMessage ?? '',
        fields: raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]!] as const] : [])),
        body: Buffer.concat(chunks),
        trailers: head?.rawTrailers ?? [],
        hints,
        whole: head?.complete ?? false,
      })
    }
    const req = request({ host: '127.0.0.1', port, path, method, headers, agent: new Agent() })
    req.on('information', ({ statusCode }) => hints.push(statusCode))
    req.on('error', finish)
    req.on('response', (res) => {
      head = res
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', finish)
      res.on('close', finish)
    })
    req.end()
  })
}

/** All values of a field, in order. */
export function values({ fields }: WireAnswer, name: string): string[] {
  return fields.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}

/** A field's only value, or undefined. */
export function value(answer: WireAnswer, name: string): string | undefined {
  const [only, ...others] = values(answer, name)
  expect(others, `more lines of ${name}`).to.deep.equal([])
  return only
}

/** Fails unless both are the same but for what the cache adds to a run's answer. */
export function expectSame(actual: WireAnswer, reference: WireAnswer): void {
  expect(essence(actual, reference, ours)).to.deep.equal(essence(reference, reference, ours))
  expect(actual.hints).to.deep.equal(reference.hints)
  expect(actual.trailers).to.deep.equal(reference.trailers)
}

/** Fails unless `actual` says what `reference` said, on a connection and with a framing of its own. */
export function expectReplay(actual: WireAnswer, reference: WireAnswer): void {
  const named = values(reference, 'connection').flatMap((line) => line.toLowerCase().split(/\s*,\s*/))
  const left = [...ours, ...framing, ...named]
  expect(essence(actual, reference, left)).to.deep.equal(essence(reference, reference, left))
  expect(values(actual, 'transfer-encoding')).to.deep.equal([])
  const bodiless = actual.status === 204 || actual.status === 304
  expect(values(actual, 'content-length')).to.deep.equal(bodiless ? [] : [String(actual.body.length)])
}

/** Fields the cache adds or renews. */
const ours = ['age', 'date', 'cache-status']
/** Fields of one connection or one way of framing. */
const framing = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'trailer']

function essence(answer: WireAnswer, reference: WireAnswer, left: readonly string[]): object {
  const addsTag = values(reference, 'etag').length === 0
  const groups = new Map<string, string[]>()
  for (const [name, text] of answer.fields) {
    const lower = name.toLowerCase()
    if (left.includes(lower)) continue
    if (lower === 'etag' && addsTag && /^"[^"]+"$/.test(text)) continue
    groups.set(name, [...(groups.get(name) ?? []), text])
  }
  return {
    status: answer.status,
    phrase: answer.phrase,
    fields: [...groups].sort(([a], [b]) => (a < b ? -1 : 1)),
    body: answer.body.toString('latin1'),
    whole: answer.whole,
  }
}

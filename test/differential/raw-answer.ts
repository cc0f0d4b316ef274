// Answers by the means of `node:http`, piece by piece, in all the forms that these have.
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { type Answer, piecesOf } from './content.ts'
import { type RawForm, rawForms, type Wait } from './plan.ts'

/** Resolves when the handler may go on. */
export async function pause(wait: Wait): Promise<void> {
  if (wait === 'turn') await setImmediate()
  if (wait === 'timer') await setTimeout(2)
}

export function isRaw(form: string): form is RawForm {
  return (rawForms as readonly string[]).includes(form)
}

/** The body as a stream, which waits between two pieces. */
export function bodyStream(answer: Answer): Readable {
  return Readable.from(waiting(answer), { objectMode: false })
}

async function* waiting(answer: Answer): AsyncGenerator<Buffer> {
  const { fault, wait } = answer.plan
  for (const [i, piece] of piecesOf(answer).entries()) {
    if (i > 0) await pause(wait)
    if (piece.length > 0) yield piece
    if (answer.fails && fault?.kind === 'broken off') throw new Error('broken off')
  }
}

/** Does what the plan says to the response's fields. */
export function applyFields(res: ServerResponse, { fields }: Answer): void {
  for (const { act, name, value } of fields) {
    if (act === 'remove') res.removeHeader(name)
    else if (act === 'append') res.appendHeader(name, value)
    else res.setHeader(name, value as string)
  }
}

type Send = (res: ServerResponse, answer: Answer) => void | Promise<void>

/** Sends the answer; status, phrase and fields included. */
export async function sendRaw(res: ServerResponse, answer: Answer): Promise<void> {
  const { plan } = answer
  applyFields(res, answer)
  res.statusCode = plan.status
  if (plan.phrase !== undefined) res.statusMessage = plan.phrase
  if (answer.fails && plan.fault?.kind === 'broken off') return breakOff(res, answer)
  await sends[plan.form as RawForm](res, answer)
}

async function breakOff(res: ServerResponse, answer: Answer): Promise<void> {
  res.setHeader('Content-Length', answer.body.length + 10)
  res.write(answer.body.length > 0 ? answer.body : 'a')
  await pause(answer.plan.wait)
  res.destroy()
}

async function writePieces(res: ServerResponse, answer: Answer, encoding?: BufferEncoding): Promise<void> {
  for (const [i, piece] of piecesOf(answer).entries()) {
    if (i > 0) await pause(answer.plan.wait)
    if (encoding === undefined) writeOver(res, piece)
    else if (piece.length > 0) res.write(piece.toString(encoding), encoding)
  }
}

/** What is written belongs to the handler again as soon as it is on its way. */
function writeOver(res: ServerResponse, piece: Buffer): void {
  const own = Buffer.from(piece)
  res.write(own, () => own.fill(33))
}

const sends: Readonly<Record<RawForm, Send>> = {
  end: (res, { body }) => void (body.length === 0 ? res.end() : res.end(body)),
  async pieces(res, answer) {
    await writePieces(res, answer)
    res.end()
  },
  async 'encoded pieces'(res, answer) {
    await writePieces(res, answer, answer.plan.pieces % 2 === 0 ? 'base64' : 'latin1')
    res.end()
  },
  async 'last piece in end'(res, answer) {
    const half = Math.floor(answer.body.length / 2)
    if (half > 0) res.write(answer.body.subarray(0, half).toString('hex'), 'hex')
    await pause(answer.plan.wait)
    await new Promise<void>((resolve) => {
      // Node forgets the callback where the client has left.
      res.once('close', resolve)
      res.end(answer.body.subarray(half), resolve)
    })
  },
  'head object': (res, { body, plan }) =>
    void res.writeHead(plan.status, { 'X-Head': 'object', 'content-type': 'text/x-head' }).end(body),
  // Where fields were set before, what Node makes of doubled names and of pairs depends on its version.
  'head list': (res, { body, plan }) => {
    const second = res.getHeaderNames().length === 0 ? 'X-Head' : 'X-Other'
    res.writeHead(plan.status, 'In Its Own Words', ['X-Head', 'one', second, 'two']).end(body)
  },
  'head pairs': (res, { body, plan }) => {
    const pairs = [
      ['Link', '</a>'],
      ['Link', '</b>'],
    ]
    res.writeHead(plan.status, res.getHeaderNames().length === 0 ? (pairs as never) : { Link: '</a>' }).end(body)
  },
  async flushed(res, answer) {
    res.flushHeaders()
    await pause(answer.plan.wait)
    await writePieces(res, answer)
    res.end()
  },
  async announced(res, answer) {
    res.setHeader('Content-Length', answer.body.length)
    await writePieces(res, answer)
    res.end()
  },
  // Only a connection that ends tells its client.
  short(res, { body }) {
    res.setHeader('Connection', 'close')
    res.setHeader('Content-Length', body.length + 3)
    res.write(body.length > 0 ? body : 'a')
    res.end()
  },
  pipe: (res, answer) => void bodyStream(answer).pipe(res),
  pipeline: (res, answer) => pipeline(bodyStream(answer), res).catch(() => undefined),
  async trailers(res, answer) {
    // Node refuses to announce what it cannot send.
    if (res.req.method !== 'HEAD') res.setHeader('Trailer', 'X-Sum')
    await writePieces(res, answer)
    res.addTrailers({ 'X-Sum': String(answer.body.length) })
    res.end()
  },
  // Ranges are the handler's own affair.
  ranged(res, { body, plan }) {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(res.req.headers.range ?? '') ?? []
    if (first === undefined || plan.status !== 200 || body.length <= Number(last)) return void res.end(body)
    res.statusCode = 206
    res.setHeader('Content-Range', `bytes ${first}-${last}/${body.length}`)
    res.end(body.subarray(Number(first), Number(last) + 1))
  },
  hints(res, { body }) {
    // Behind others Node would send them after the head.
    if (res.socket !== null) res.writeEarlyHints({ link: '</style.css>; rel=preload' })
    res.end(body)
  },
}

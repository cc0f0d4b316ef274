/** The user's answer for a request that has none: the handler failed or takes too long, and nothing stale is at hand. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { describe } from './errors.ts'
import type { StoredResponse } from './http/exchange.ts'
import type { HeaderField } from './http/headers.ts'

/** One line or several of a header field; a number such as that of `Retry-After` is its text. */
type FieldValue = string | number | readonly string[]

/** What `fallback` returns; nothing lets the failure go out as it is. It is for its asker alone, and never stored. */
export interface FallbackAnswer {
  /** @default 503 */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, FieldValue>> | undefined
  /** Text, bytes, or what is sent as JSON. @default nothing */
  readonly body?: unknown
}

/** A handler that answered with a failure; what it threw is known to the framework alone. */
export class HandlerFailedError extends Error {
  override readonly name = 'HandlerFailedError'
  readonly status: number

  constructor(status: number) {
    super(`The handler answered ${status}`)
    this.status = status
  }
}

/** A handler that has not answered within the route's hard timeout. */
export class HandlerTimeoutError extends Error {
  override readonly name = 'HandlerTimeoutError'
  readonly status = 504

  constructor(ms: number) {
    super(`The handler did not answer within ${ms} ms`)
  }
}

/**
 * Makes an answer of what the user's function returned.
 *
 * @throws TypeError where it is none
 */
export function fallbackResponse(answer: FallbackAnswer): StoredResponse {
  if (typeof answer !== 'object' || answer === null) throw new TypeError('`fallback` must return an object or nothing')
  const { status = 503, headers = {}, body } = answer
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new TypeError(`\`fallback\` must return a final status, got ${String(status)}`)
  const [type, bytes] = bodyOf(body)
  const own = Object.entries(headers).filter(([name]) => !oursFields.test(name))
  const fields: HeaderField[] = own.map(([name, value]) => [name, checkedField(name, value)])
  const isTyped = own.some(([name]) => name.toLowerCase() === 'content-type')
  if (type !== undefined && !isTyped) fields.push(['Content-Type', type])
  fields.push(['Cache-Control', 'no-store'])
  return { status, headers: fields, removed: [], body: bytes }
}

/** What follows from the answer, and from whose it is: another length than the body's would break the connection. */
const oursFields = /^(?:cache-control|content-length|transfer-encoding|connection|keep-alive|trailer|upgrade)$/i

function checkedField(name: string, value: FieldValue): string | readonly string[] {
  validateHeaderName(name)
  return Array.isArray(value) ? value.map((line) => checkedLine(name, line)) : checkedLine(name, value)
}

function checkedLine(name: string, line: unknown): string {
  if (typeof line !== 'string' && typeof line !== 'number')
    throw new TypeError(`\`fallback\` must return header fields of text, got ${describe(line)} for ${name}`)
  validateHeaderValue(name, String(line))
  return String(line)
}

function bodyOf(body: unknown): [type: string | undefined, bytes: Buffer] {
  if (body === undefined || body === null) return [undefined, Buffer.alloc(0)]
  if (typeof body === 'string') return ['text/plain; charset=utf-8', Buffer.from(body)]
  if (body instanceof Uint8Array) return ['application/octet-stream', Buffer.from(body)]
  return ['application/json; charset=utf-8', Buffer.from(JSON.stringify(body))]
}

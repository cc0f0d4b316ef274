/** The JSON head of a frame, and the proof that a foreign value is one. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Selection, StoredPolicy, Variants } from '../entry.ts'
import type { HeaderField } from '../http/headers.ts'

/** Instants are gone: `age`, `fresh` and `life` are milliseconds at the time of packing. */
export interface FrameHead {
  readonly status: number
  readonly message: string | undefined
  readonly headers: readonly HeaderField[]
  readonly removed: readonly string[]
  readonly via: string | undefined
  readonly tags: readonly string[]
  readonly tokens: readonly string[]
  readonly selection: Selection | undefined
  readonly variants: Variants | undefined
  readonly policy: StoredPolicy | undefined
  readonly cost?: number | undefined
  readonly age: number
  readonly fresh: number
  readonly life: number
  /** Bytes of the body. */
  readonly length: number
}

/** Throws unless a parsed value can be trusted to be replayed: what is in Redis may be anybody's. */
export function assertHead(value: unknown): asserts value is FrameHead {
  if (typeof value !== 'object' || value === null) throw new Error('no head')
  const head = value as Record<string, unknown>
  assertNumbers(head)
  assertTexts(head)
  assertFields(head.headers)
  assertNamed(head.selection, 'text', (text) => typeof text === 'string')
  assertNamed(head.variants, 'keys', isTexts)
  assertPolicy(head.policy)
  const { cost } = head
  if (cost !== undefined && !(typeof cost === 'number' && cost >= 0)) throw new Error('no cost')
}

function assertPolicy(policy: unknown): void {
  if (policy === undefined) return
  if (typeof policy !== 'object' || policy === null) throw new Error('no policy')
  const { forAll, alwaysRevalidate, mustRevalidate, staleWhileRevalidate, staleIfError } = policy as Record<
    string,
    unknown
  >
  const isWhole =
    [forAll, alwaysRevalidate, mustRevalidate].every((value) => typeof value === 'boolean') &&
    [staleWhileRevalidate, staleIfError].every((value) => typeof value === 'number' && value >= 0)
  if (!isWhole) throw new Error('no policy')
}

function assertNumbers(head: Record<string, unknown>): void {
  const names = ['status', 'age', 'fresh', 'life', 'length']
  const wrong = names.find((name) => !Number.isSafeInteger(head[name]))
  if (wrong !== undefined) throw new Error(`no number: ${wrong}`)
  const status = head.status as number
  if (status < 200 || status > 599) throw new Error('no final status')
}

function assertTexts(head: Record<string, unknown>): void {
  const { removed, tags, tokens, message, via } = head
  if (!isTexts(removed) || !isTexts(tags) || !isTexts(tokens)) throw new Error('no list')
  if (tags.length !== tokens.length) throw new Error('tags without tokens')
  for (const name of removed) validateHeaderName(name)
  for (const text of [message, via]) if (text !== undefined) assertLine('phrase', text)
}

function assertFields(headers: unknown): void {
  if (!Array.isArray(headers)) throw new Error('no fields')
  for (const field of headers as readonly unknown[]) {
    if (!Array.isArray(field) || field.length !== 2) throw new Error('no field')
    const [name, value] = field as readonly unknown[]
    if (typeof name !== 'string') throw new Error('no field name')
    validateHeaderName(name)
    for (const line of Array.isArray(value) ? value : [value]) assertLine(name, line)
  }
}

function assertLine(name: string, value: unknown): void {
  if (typeof value !== 'string') throw new Error(`no text: ${name}`)
  validateHeaderValue(name, value)
}

function assertNamed(value: unknown, beside: string, isValid: (value: unknown) => boolean): void {
  if (value === undefined) return
  const named = value as Record<string, unknown> | null
  if (typeof named !== 'object' || named === null || !isTexts(named.names) || !isValid(named[beside])) {
    throw new Error('no variant')
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

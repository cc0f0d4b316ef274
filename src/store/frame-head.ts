/** The JSON head of a frame, and the proof that a foreign value is one. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
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
  const numbers = ['status', 'age', 'fresh', 'life', 'length'].map((name) => head[name])
  if (!numbers.every((number) => Number.isSafeInteger(number))) throw new Error('head without its numbers')
  if ((head.status as number) < 200 || (head.status as number) > 599) throw new Error('no final status')
  if (!isTexts(head.removed) || !isTexts(head.tags) || !isTexts(head.tokens)) throw new Error('head without its lists')
  if (head.tags.length !== head.tokens.length) throw new Error('tags without tokens')
  if (![head.message, head.via].every((text) => text === undefined || typeof text === 'string'))
    throw new Error('no text')
  if (!Array.isArray(head.headers) || !head.headers.every(isField)) throw new Error('head without its fields')
  for (const [name, value] of head.headers as readonly HeaderField[]) {
    validateHeaderName(name)
    for (const line of typeof value === 'string' ? [value] : value) validateHeaderValue(name, line)
  }
}

function isField(field: unknown): field is HeaderField {
  return (
    Array.isArray(field) &&
    field.length === 2 &&
    typeof field[0] === 'string' &&
    (typeof field[1] === 'string' || isTexts(field[1]))
  )
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

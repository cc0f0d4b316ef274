/** `warm`'s options: what they are, their defaults, and what is wrong with wrong ones. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { count, type Duration, duration } from '../duration.ts'
import { expected, rejectUnknown, requireObject } from '../errors.ts'
import type { WarmProgress } from './warm-result.ts'

/** Header fields as users write them; several values of one name are several lines. */
export type WarmHeaders = Readonly<Record<string, string | readonly string[]>>

/** What `warm` may be told besides the requests. */
export interface WarmOptions {
  /** Requests under way at once, at most 1,000. @default 8 */
  readonly concurrency?: number | undefined
  /** Header fields of every request; `host` is the name that clients know the application by. @default {} */
  readonly headers?: WarmHeaders | undefined
  /** How long one request may take, Redis's start included, before it counts as failed. @default '30s' */
  readonly deadline?: Duration | undefined
  /** Ends it early: no further request is sent, and those under way count as failed. @default none */
  readonly signal?: AbortSignal | undefined
  /** Is told of every request that is over; what it throws is swallowed. @default none */
  readonly onProgress?: ((progress: WarmProgress) => void) | undefined
}

/** The options with their defaults. */
export interface WarmPlan {
  readonly concurrency: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** Milliseconds. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: WarmProgress) => void
}

const known: readonly (keyof WarmOptions)[] = ['concurrency', 'headers', 'deadline', 'signal', 'onProgress']

/**
 * The options, checked and copied.
 *
 * @throws CacheConfigError for whatever is wrong with them
 */
export function checkedWarmOptions(options: WarmOptions = {}): WarmPlan {
  requireObject(options, 'options')
  rejectUnknown(options, known)
  const { concurrency = 8, headers = {}, deadline = '30s', signal, onProgress = () => undefined } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw expected('invalid-option', 'signal', 'an AbortSignal', signal)
  }
  if (typeof onProgress !== 'function') throw expected('invalid-option', 'onProgress', 'a function', onProgress)
  return {
    concurrency: checkedConcurrency(concurrency),
    headers: checkedHeaders(headers, 'headers'),
    deadline: duration(deadline, 'deadline'),
    signal,
    onProgress,
  }
}

/** More at once would only wait for each other. */
const MOST_AT_ONCE = 1_000

function checkedConcurrency(value: unknown): number {
  if (count(value, 'concurrency') <= MOST_AT_ONCE) return value as number
  throw expected('invalid-size', 'concurrency', `at most ${MOST_AT_ONCE}`, value)
}

/**
 * Header fields by lower-case name.
 *
 * @param where what they are called in an error
 * @throws CacheConfigError for a name or value that no request may carry
 */
export function checkedHeaders(headers: unknown, where: string): ReadonlyMap<string, readonly string[]> {
  requireObject(headers, where)
  const fields = new Map<string, readonly string[]>()
  for (const [name, value] of Object.entries(headers)) {
    const lines: unknown[] = Array.isArray(value) ? value : [value]
    for (const line of lines) checkLine(name, line, where)
    fields.set(name.toLowerCase(), lines as string[])
  }
  return fields
}

function checkLine(name: string, line: unknown, where: string): void {
  if (typeof line !== 'string')
    throw expected('invalid-option', `${where}.${name}`, 'a string or an array of them', line)
  try {
    validateHeaderName(name)
    validateHeaderValue(name, line)
  } catch {
    throw expected('invalid-option', `${where}.${name}`, 'a header field that a request may carry', line)
  }
}

/** Tries to lock a key, again and again while there is time to wait. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { RedisClient } from '../connection/client/client.ts'
import { troubleKind } from '../connection/trouble.ts'
import { LockError } from './lock-error.ts'
import { type Attempt, LockKeys } from './lock-keys.ts'
import type { LockTerms } from './lock-options.ts'

/** What is tried with. */
export interface AcquireParts {
  readonly client: RedisClient
  readonly clock: Clock
  /** Put before each key. */
  readonly prefix: string
  readonly isClosed: () => boolean
}

/** What was got: the attempt, and the keys under the name it was got by. */
export interface Acquired {
  readonly keys: LockKeys
  readonly attempt: Attempt & { readonly fencing: number }
}

/** How far away the next try is at first and at most, in ms; drawn between half and all of it, so that those who wait do not march in step. */
const FIRST_PAUSE = 20
const LONGEST_PAUSE = 250

/** What passes by itself: a wait is for that too. */
const PASSING = ['connection', 'timeout', 'loading', 'readonly']

/**
 * @returns undefined where another held the key to the end of the wait; rejects with LockError where Redis does not say, or once the locks
 *   are closed
 */
export async function acquire(parts: AcquireParts, terms: LockTerms): Promise<Acquired | undefined> {
  const { clock } = parts
  const until = clock.now() + terms.wait
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    if (parts.isClosed()) throw closedError()
    // A name of its own for each attempt: one that is answered late is undone, and must not undo the next.
    const keys = new LockKeys({ ...parts, ...terms, owner: randomBytes(16).toString('hex') })
    const attempt = await tried(keys, terms.key, () => until - clock.now())
    if (attempt?.fencing !== undefined) return { keys, attempt }
    const left = until - clock.now()
    if (left <= 0) return undefined
    await sleep(clock, Math.min(pauseAfter(attempt, pause), left))
  }
}

/** Why `acquire` does not say whether the key is locked. */
export function unavailable(key: string, cause: unknown): LockError {
  const { message = String(cause) } = (cause ?? {}) as Partial<Error>
  const text = `Redis does not say whether ${JSON.stringify(key)} is locked: ${message}`
  return new LockError('lock-unavailable', text, { cause })
}

/** Nothing is locked any more. */
export function closedError(): LockError {
  return new LockError('lock-closed', 'These locks were closed')
}

/** One attempt; undefined where Redis is in trouble that may pass while there is time left. */
async function tried(keys: LockKeys, key: string, left: () => number): Promise<Attempt | undefined> {
  try {
    return await keys.acquire()
  } catch (error) {
    if (PASSING.includes(troubleKind(error)) && left() > 0) return undefined
    throw unavailable(key, error)
  }
}

/** The holder's key may expire before it would be this attempt's turn again. */
function pauseAfter(attempt: Attempt | undefined, pause: number): number {
  const drawn = pause * (0.5 + Math.random() / 2)
  const freeIn = attempt?.fencing === undefined ? (attempt?.freeIn ?? -1) : -1
  return freeIn < 0 ? drawn : Math.min(drawn, freeIn + 1)
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

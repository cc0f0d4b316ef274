// Which clause of the contract an answer breaks: a function of what was promised and what was answered.
import type { Instant } from './event-queue.ts'
import type { ShopRoute } from './shop.ts'

/** Clocks run up to this much slower than true time: what takes a process 1 s of its time may take so much longer. */
export const SLOWEST = 1 / 0.975

/** What held when a request came: the least values it may be answered with. */
export interface Asked {
  readonly route: number
  readonly thing: number
  readonly start: Instant
  readonly bounded: number
  readonly stale: number
  readonly own: number
  readonly validated: number
  /** The thing's least value after what a hit of this route shows to have been validated. */
  readonly shows: number
}

/** An answer of the cache. */
export interface Answered {
  readonly value: number
  /** When its run was over. */
  readonly madeAt: Instant
  readonly cacheStatus: string
}

/** What else is known of it. */
export interface Circumstances {
  readonly route: ShopRoute
  /** The thing's present value. */
  readonly present: number
  readonly now: Instant
  readonly degraded: boolean
  /** Nothing was wrong around the process when the request came. */
  readonly calm: boolean
  /** A writer has been at work for so long that whoever answers must know. */
  readonly marked: boolean
  /** How much longer than its ttl an answer may seem fresh, in ms: its way to Redis does not count. */
  readonly ageSlack: number
}

/** A clause, and how it was broken. */
export interface Broken {
  readonly check: string
  readonly message: string
}

/** The first clause that an answer of the cache breaks. */
export function brokenBy(asked: Asked, answer: Answered, circumstances: Circumstances): Broken | undefined {
  return staleness(asked, answer, circumstances) ?? lie(asked, answer, circumstances)
}

function staleness(asked: Asked, { value }: Answered, { route, present, degraded }: Circumstances): Broken | undefined {
  const { own, validated, bounded, stale } = asked
  if (value > present) return broken('no future value', `${value} was read before it was written`)
  if (value >= own && value >= validated && value >= bounded) return undefined
  if (value < own) return late('C2 own writes', value, own)
  if (value < validated) return late('C0 nothing comes back', value, validated)
  if (route.bound === 0) return late('C1 strong', value, bounded)
  if (!degraded) return late('C2 bounded', value, bounded)
  return value < stale ? late('C3 degraded', value, stale) : undefined
}

function lie(asked: Asked, { madeAt, cacheStatus }: Answered, around: Circumstances): Broken | undefined {
  const { route, now, degraded, calm, marked, ageSlack } = around
  if (degraded && calm) return broken('label', 'degraded, though Redis was there')
  if (degraded && route.maxStale === 0 && asked.start === now)
    return broken('C3 degraded', 'answered from the cache without Redis')
  if (calm && marked && !cacheStatus.includes('collapsed'))
    return broken('intent', 'answered from the cache while a writer was at work')
  const age = now - madeAt
  return age > route.ttl * SLOWEST + ageSlack ? broken('C5 aged', `${age.toFixed(0)} ms old`) : undefined
}

function late(check: string, value: number, promised: number): Broken {
  return broken(check, `${value} was read, at least ${promised} was promised`)
}

function broken(check: string, message: string): Broken {
  return { check, message }
}

// How the cache under test honours header fields.
import type { HonourOptions } from '../../src/route.ts'
import type { OptionSet } from './configuration.ts'

/** The route's ttl: an upper bound that no test reaches. */
export const TTL = '30d'

export type Honour = 'headers' | HonourOptions

export const honours: Readonly<Record<OptionSet, Honour>> = {
  safe: 'headers',
  all: { heuristic: true, targeted: true, setCookie: true, staleOnError: true },
}

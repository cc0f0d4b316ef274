// The cache of one process, and a view of what flies in it.
import { type Core, createCore } from '../../../src/cache.ts'
import type { Entry } from '../../../src/entry.ts'
import type { Flights } from '../../../src/flights.ts'
import { concreteParts, type Parts } from '../../../src/parts.ts'
import type { Handlers } from './handlers.ts'
import type { AppSettings } from './settings.ts'

/** A core that middleware is made of, and its flights. */
export interface Watched<Subject extends readonly unknown[]> {
  readonly core: Core<Subject> | undefined
  /** Keys with flights that could be joined. */
  flights(): number
}

/** Builds the core that the settings ask for; none without Redis: that is the control. */
export function watchedCore<Subject extends readonly unknown[]>(
  { redis, maxEntries }: AppSettings,
  { listener }: Handlers,
): Watched<Subject> {
  if (redis === undefined) return { core: undefined, flights: () => 0 }
  let flying: Flights<Entry> | undefined
  const flights: Parts['flights'] = (clock) => {
    flying = concreteParts.flights(clock)
    return flying
  }
  const core = createCore<Subject>({ redis, memory: { maxEntries }, listeners: [listener] }, { flights })
  return { core, flights: () => flying!.size }
}

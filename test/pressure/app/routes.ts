// The routes that are put under pressure, and what each promises its readers.

/** A cached route before the common data: `/NAME/:id` reads what `PUT /items/:id` changes. */
export interface PressedRoute {
  readonly name: string
  readonly ttl: '2s' | '5m'
  /** Of `cacheRoute`, besides the tags. */
  readonly options: object
  /** Milliseconds that an answer may lag a write that was acknowledged everywhere; 0 = strong. */
  readonly bound: number
}

/** Milliseconds past its last validation that an entry may answer without Redis: the default of `maxStale`. */
export const MAX_STALE = 30_000

/** What entries that aged may still do. */
const AGED = { staleFor: '1s', staleIfError: '10m' }

export const ROUTES: readonly PressedRoute[] = [
  { name: 'items', ttl: '5m', options: {}, bound: 1_000 },
  { name: 'fleet', ttl: '5m', options: { lock: 'fleet' }, bound: 1_000 },
  { name: 'strong', ttl: '5m', options: { consistency: 'strong' }, bound: 0 },
  { name: 'aged', ttl: '2s', options: AGED, bound: 1_000 },
]

/** The tag of what a request is about. */
export function tagOf(id: unknown): string {
  return `item:${id}`
}

// What the simulated application serves: things whose values change, through routes that promise different things.
import type { CacheRouteOptions } from '../../src/route.ts'
import type { Random } from '../consistency/random.ts'

/** What the users' functions are called with: the thing that is asked for. */
export type Subject = readonly [thing: string]

/** A route, and what it promises its readers. */
export interface ShopRoute {
  readonly name: string
  /** Milliseconds that an answer may lag (D of the contract); 0 = strong. */
  readonly bound: number
  /** Milliseconds past its last validation that an entry may answer without Redis; 0 = never. */
  readonly maxStale: number
  /** Milliseconds that an answer may be fresh. */
  readonly ttl: number
  /** The thing's tag is known only after the run. */
  readonly isLate: boolean
  /** One run in all processes. */
  readonly isFleet: boolean
  readonly options: CacheRouteOptions<Subject>
}

/** The tag of one thing. */
export function thingTag(thing: string): string {
  return `thing:${thing}`
}

const tags = (thing: string) => thingTag(thing)

/** The routes; how long answers are fresh differs between simulations. */
export function shopRoutes(random: Random): readonly ShopRoute[] {
  const ttl = () => random.pick([2_500, 8_000, 60_000])
  const common = { isLate: false, isFleet: false }
  return [
    { ...common, name: '/bounded', bound: 1_000, maxStale: 2_500, ttl: ttl(), options: { tags, maxStale: '2500ms' } },
    {
      ...common,
      name: '/brief',
      bound: 300,
      maxStale: 1_000,
      ttl: ttl(),
      options: { tags, consistency: '300ms', maxStale: '1s' },
    },
    { ...common, name: '/strong', bound: 0, maxStale: 0, ttl: ttl(), options: { tags, consistency: 'strong' } },
    {
      ...common,
      name: '/refusing',
      bound: 1_000,
      maxStale: 0,
      ttl: ttl(),
      options: { tags, degrade: 'error' },
    },
    {
      ...common,
      name: '/mounted',
      bound: 1_000,
      maxStale: 2_500,
      ttl: ttl(),
      isLate: true,
      options: { maxStale: '2500ms' },
    },
    {
      ...common,
      name: '/strong-mounted',
      bound: 0,
      maxStale: 0,
      ttl: ttl(),
      isLate: true,
      options: { consistency: 'strong' },
    },
    {
      ...common,
      name: '/fleet',
      bound: 1_000,
      maxStale: 0,
      ttl: ttl(),
      isFleet: true,
      options: { tags, lock: 'fleet', degrade: 'bypass' },
    },
  ]
}

/** Places are pairs of a route and a thing, the things of the first route first: those whose answers carry a tag, by tag. */
export function placesOf(
  routes: readonly ShopRoute[],
  things: readonly string[],
): ReadonlyMap<string, readonly number[]> {
  const all = routes.flatMap((_, r) => things.map((_, t) => r * things.length + t))
  return new Map<string, readonly number[]>([
    ['*', all],
    ...routes.map(({ name }, r) => [name, all.filter((place) => Math.floor(place / things.length) === r)] as const),
    ...things.map((thing, t) => [thingTag(thing), all.filter((place) => place % things.length === t)] as const),
  ])
}

// The core of a process's cache: as it is, or with a safeguard less; watched from outside all the same.
import { type Core, createCore } from '../../../src/cache.ts'
import type { Tiers } from '../../../src/store/tiers.ts'
import type { Weakness } from '../mutants/mutant.ts'
import type { Handlers } from './handlers.ts'

/** Builds the core that an application's middleware is made of. */
export function weakenedCore<Subject extends readonly unknown[]>(
  redis: string,
  handlers: Handlers,
  { parts, exchange = (same) => same }: Weakness,
): Core<Subject> {
  const { tiers = (same) => same } = parts
  const watched = { ...parts, tiers: (own: Tiers) => handlers.watched(tiers(own)) }
  const core = createCore<Subject>({ redis, listeners: [handlers.listener] }, watched)
  return { ...core, handle: (asked, route, place) => core.handle(exchange(asked), route, place) }
}

/** Which names are taken, and by what. */
import { isDeepStrictEqual } from 'node:util'
import { CacheConfigError } from './errors.ts'
import type { Route } from './route.ts'

/** Two routes may share a name only if they are the same route in all but place: else one's entries would answer for the other. */
export class RouteNames {
  readonly #named = new Map<string, Route>()

  /** @throws CacheConfigError when the name was given to a route of other options */
  add(name: string, route: Route): void {
    const former = this.#named.get(name)
    if (former !== undefined && !isDeepStrictEqual(comparable(former), comparable(route))) {
      throw new CacheConfigError(
        'duplicate-name',
        `Expected \`name\` to be unique, got ${JSON.stringify(name)} twice with different options`,
      )
    }
    this.#named.set(name, route)
  }
}

/** A policy without identity: functions compare by their text, the life function by what it answers. */
function comparable(route: Route): object {
  const lives = [200, 404].map((status) => route.lifeOf(status))
  return Object.fromEntries(
    Object.entries({ ...route, lifeOf: lives }).map(([option, value]) => [
      option,
      typeof value === 'function' ? String(value) : value,
    ]),
  )
}

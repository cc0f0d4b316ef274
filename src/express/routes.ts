/** Where a middleware stands among Express's routes, and what they are called. */
import type { Request, Response } from 'express'
import { untargetedTags, type WritePlace } from '../invalidation.ts'
import { placeOf, routeNames } from '../place.ts'
import type { Place } from '../visit.ts'

/** What Express 5 keeps of a route, and what it mounts routers with. */
interface RouteRecord {
  readonly path: unknown
  readonly stack: readonly { readonly handle: unknown }[]
}

/** Where a middleware stands: on a route, or below a mount path. */
export interface Spot {
  readonly base: string
  readonly route: RouteRecord | undefined
}

/** `req.route` may be left over from a route that passed the request on: it counts only if the middleware is on it. */
export function spotOf(req: Request, middleware: unknown): Spot {
  const route = req.route as RouteRecord | undefined
  const standsOn = route?.stack.some(({ handle }) => handle === middleware) === true
  return { base: req.baseUrl ?? '', route: standsOn ? route : undefined }
}

/** The name of the route that answered, once the request has been there. */
export function answeringRoute(req: Request): readonly string[] {
  const route = req.route as RouteRecord | undefined
  return route === undefined ? [] : routeNames(req.baseUrl ?? '', route.path)
}

/** What a write on a route bumps by itself, and which names there are. */
export function writePlace(
  req: Request,
  res: Response,
  { base, route }: Spot,
): WritePlace<readonly [req: Request, res: Response]> {
  const here = route === undefined ? routeNames('', base) : routeNames(base, route.path)
  const names = () => (route === undefined ? [...here, ...answeringRoute(req)] : here)
  return {
    subject: [req, res],
    untargeted: () => untargetedTags(names()),
    route: () => names().join(', '),
    routes: () => routesBelow('', req),
  }
}

/** Base URLs of one route that are remembered: a mount path with parameters makes as many as there are values. */
const MOST_BASES = 1_000

/** Is told the tags of every place. */
type Note = (tags: readonly string[]) => void

/** The places of one `cacheRoute`, made once per route object and base URL. */
export class Places {
  readonly #note: Note
  readonly #fixed: Place | undefined
  readonly #known = new Map<RouteRecord | undefined, Map<string, Place>>()

  constructor(note: Note, name: string | undefined) {
    this.#note = note
    this.#fixed = name === undefined ? undefined : placeOf([name])
    if (this.#fixed !== undefined) note(this.#fixed.tags)
  }

  at({ base, route }: Spot, req: Request): Place {
    const bases = this.#known.get(route) ?? new Map<string, Place>()
    const known = bases.get(base)
    if (known !== undefined) return known
    const place = this.#fixed ?? placeOf(route === undefined ? routeNames('', base) : routeNames(base, route.path))
    this.#note(place.tags)
    if (bases.size >= MOST_BASES) bases.clear()
    const early = route === undefined ? routesBelow(base, req) : []
    const complete = early.length === 0 ? place : { ...place, early }
    this.#known.set(route, bases.set(base, complete))
    return complete
  }
}

/** The part of Express's router that names its routes. Not documented: where it is missing, route tags are learned by their first answer. */
interface RouterRecord {
  readonly stack?: readonly {
    readonly route?: RouteRecord
    readonly rawPath?: unknown
    readonly handle?: unknown
  }[]
}

const MOST_ROUTES = 256

/** Names of the routes that may answer below a mount path, so that their tags are known before the first run. */
function routesBelow(base: string, req: Request): readonly string[] {
  const app = req.app as { readonly router?: RouterRecord } | undefined
  const names = app?.router === undefined ? [] : namesOf(app.router, '', 0)
  return names.filter((name) => base === '' || name.startsWith(`${base}/`) || name === base).slice(0, MOST_ROUTES)
}

function namesOf(router: RouterRecord, base: string, depth: number): readonly string[] {
  return (router.stack ?? []).flatMap((layer) => {
    if (layer.route !== undefined) return routeNames(base, layer.route.path)
    const nested = layer.handle as RouterRecord | undefined
    if (depth > 8 || typeof layer.rawPath !== 'string' || nested?.stack === undefined) return []
    return namesOf(nested, routeNames(base, layer.rawPath)[0]!, depth + 1)
  })
}

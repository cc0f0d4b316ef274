// An application with a package of other people, once without a cache and once with it before or behind that package.
import type { Express, RequestHandler } from 'express'
import type Koa from 'koa'
import type { CacheRouteOptions } from '../../src/route.ts'
import { expressTwin, koaTwin, type Twin } from '../support/compare.ts'

/** Where the package stands. */
export const places = ['before us', 'behind us'] as const
export type Place = (typeof places)[number]

/** Starts pairs that stop after the test; call it inside `describe`. */
export function pairs() {
  const started: Twin[] = []
  afterEach(async () => {
    for (const twin of started.splice(0)) await twin.stop()
  })
  const keep = (twin: Twin): Twin => {
    started.push(twin)
    return twin
  }
  return {
    /** Mounts what `make` makes before or behind `cacheRoute`, and then tells the routes. */
    async express(
      place: Place,
      make: () => RequestHandler | readonly RequestHandler[],
      tell: (app: Express) => void,
      route?: CacheRouteOptions<never>,
    ): Promise<Twin> {
      const mount = (app: Express, cacheRoute: RequestHandler) => {
        const made = [make()].flat()
        for (const one of place === 'before us' ? [...made, cacheRoute] : [cacheRoute, ...made]) app.use(one)
        tell(app)
      }
      return keep(await expressTwin({ mount }, { route: route as never }))
    },
    async koa(
      place: Place,
      make: (app: Koa) => Koa.Middleware | readonly Koa.Middleware[],
      tell: (app: Koa) => void,
      route?: CacheRouteOptions<never>,
    ): Promise<Twin> {
      const mount = (app: Koa, cacheRoute: Koa.Middleware) => {
        const made = [make(app)].flat()
        for (const one of place === 'before us' ? [...made, cacheRoute] : [cacheRoute, ...made]) app.use(one)
        tell(app)
      }
      return keep(await koaTwin({ mount }, { route: route as never }))
    },
  }
}

/** Where a middleware stands among the routes of `@koa/router`, and what they are called. */
import type { Context } from 'koa'
import { untargetedTags, type WritePlace } from '../invalidation.ts'
import { routeNames } from '../place.ts'

/** The part of `@koa/router` (12 to 15) that names routes. */
interface LayerRecord {
  readonly path: string | RegExp
  readonly methods: readonly string[]
  readonly stack: readonly unknown[]
}
interface RoutedContext {
  readonly matched?: readonly LayerRecord[]
  readonly _matchedRoute?: string | RegExp
}

/** The pattern of the route a middleware stands on; undefined for `app.use` and `router.use`. */
export function routePath(ctx: Context, middleware: unknown): string | RegExp | undefined {
  const { matched, _matchedRoute } = ctx as RoutedContext
  return matched?.find(
    ({ path, methods, stack }) => path === _matchedRoute && methods.length > 0 && stack.includes(middleware),
  )?.path
}

/** The name of the route that answered, once the request has been there. */
export function answeringRoute(ctx: Context): readonly string[] {
  const { matched, _matchedRoute } = ctx as RoutedContext
  const layer = matched?.find(({ path, methods }) => path === _matchedRoute && methods.length > 0)
  return layer === undefined ? [] : routeNames('', layer.path)
}

/** What a write on a route bumps by itself, and which names there are. */
export function writePlace(ctx: Context, path: string | RegExp | undefined): WritePlace<readonly [ctx: Context]> {
  const names = () => (path === undefined ? ['/', ...answeringRoute(ctx)] : routeNames('', path))
  return {
    subject: [ctx],
    untargeted: () => untargetedTags(names()),
    route: () => names().join(', '),
    routes: () => routesOf(ctx),
  }
}

const MOST_ROUTES = 256

/** Names of the routes of routers in the application, so that their tags are known before the first run. */
export function routesOf(ctx: Context): readonly string[] {
  const routers = (
    ctx.app.middleware as readonly { readonly router?: { readonly stack?: readonly LayerRecord[] } }[]
  ).flatMap(({ router }) => router?.stack ?? [])
  return routers
    .filter(({ methods }) => methods.length > 0)
    .flatMap(({ path }) => routeNames('', path))
    .slice(0, MOST_ROUTES)
}

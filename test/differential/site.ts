// A server that many random applications share, each under a prefix of its own.
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, answerOf } from './content.ts'
import { extras, keyings, type Seen, type SeenOptions } from './keyings.ts'
import type { AppPlan, RoutePlan } from './plan.ts'

/** A number per route that writes raise: the database of an application. */
export type Versions = number[]

/** A server of one process. */
export interface Site {
  readonly port: number
  /** Serves an application until it is taken down. */
  mount(prefix: string, app: AppPlan, versions: Versions): void
  unmount(prefix: string): void
  /** Resolves when a request has come in that the caller named in its `X-Trace`. */
  arrival(trace: string): Promise<void>
  bump(tag: string): Promise<unknown>
  stop(): Promise<void>
}

/** The cache of one site, or what stands in its place where there is none. */
export interface Words<Middleware> {
  cacheRoute(options: SeenOptions): Middleware
  invalidate(target: string): Middleware
  bump(tag: string): Promise<unknown>
  close(): Promise<void>
}

/** One route, ready to be mounted. */
export interface Served {
  readonly path: string
  readonly plan: RoutePlan
  readonly options: SeenOptions
  /** What the writes of this route bump. */
  readonly target: string
  read(seen: Seen): Answer
  write(seen: Seen): Answer
}

/** The routes of an application. */
export function servedRoutes(prefix: string, { routes }: AppPlan, versions: Versions): Served[] {
  return routes.map((plan, i) => {
    const path = `${prefix}/r${i}`
    const tagged = plan.extras.includes('tagged')
    return {
      path,
      plan,
      options: Object.assign({}, ...plan.extras.map((name) => extras[name]), keyings[plan.keying]?.options),
      target: tagged ? `tag of ${path}` : path,
      read: (seen) => answerOf(plan.answer, versions[i]!, seen, plan.keying),
      write: (seen) => answerOf(plan.written, succeeds(plan) ? ++versions[i]! : versions[i]!, seen, undefined),
    }
  })
}

/** A write that fails changes nothing, and bumps nothing. */
function succeeds({ written: { fault, status } }: RoutePlan): boolean {
  return fault === undefined && status < 400
}

/** The first segment of a request's path. */
export function prefixOf(url: string): string {
  return /^\/[^/?]*/.exec(url)?.[0] ?? ''
}

/** Who waits for a request to come in. */
export class Arrivals {
  readonly #waiting = new Map<string, () => void>()

  of(trace: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(trace, resolve))
  }

  note({ headers }: IncomingMessage): void {
    const trace = String(headers['x-trace'])
    this.#waiting.get(trace)?.()
    this.#waiting.delete(trace)
  }
}

/** Resolves when the server listens on a loopback port. */
export async function listening(server: Server): Promise<number> {
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Ends a server and its connections. */
export async function ended(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

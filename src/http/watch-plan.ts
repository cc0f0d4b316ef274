/** The paths of what is private to who asks (`req.session`, `ctx.state.user`), sorted by the objects on which they are watched. */
import { expected } from '../errors.ts'

/** How one property is watched. */
export interface PrivateProperty {
  /** Reading the property itself is noted as this. */
  readonly path?: string | undefined
  /** Reading a member of it is noted as this. */
  readonly members?: Map<string, string> | undefined
  /** A list of all headers: who reads it reads those that are there. */
  readonly raw?: ReadonlyMap<string, string> | undefined
}

/** By root (`req`, `ctx`) and property. */
export type WatchPlan = ReadonlyMap<string, ReadonlyMap<string, PrivateProperty>>

/** What is watched without anyone's saying. Frameworks have some of it each. */
const always = [
  'req.headers.cookie',
  'req.headers.authorization',
  'req.cookies',
  'req.signedCookies',
  'req.session',
  'req.user',
  'ctx.cookies',
  'ctx.session',
  'ctx.state.user',
] as const

const HEADERS = 'req.headers.'
/** Where Koa shows the same headers. */
const HEADER_ALIASES = /^(?:ctx\.(?:request\.|req\.)?headers?|req\.header)\./

/**
 * Sorts the paths that are always watched and `more` of them.
 *
 * @param more as `privatePaths` spells them
 */
export function watchPlan(more: readonly string[] = []): WatchPlan {
  const plan = new Map<string, Map<string, PrivateProperty>>()
  for (const path of [...always, ...more]) addPath(plan, path)
  const headers = plan.get('req')!.get('headers')!
  plan.get('req')!.set('headersDistinct', headers).set('rawHeaders', { raw: headers.members })
  return Object.freeze(plan)
}

/**
 * Checks that a framework has the objects that the paths begin with.
 *
 * @param paths as the user gave them
 * @throws CacheConfigError
 */
export function requireRoots(paths: readonly string[] | undefined, roots: readonly string[]): void {
  const foreign = paths?.find((path) => !roots.includes(path.split('.', 1)[0]!))
  if (foreign === undefined) return
  throw expected('invalid-option', 'privateReads', `paths that begin with ${roots.join(' or ')}`, foreign)
}

/**
 * The option `privateReads`, checked; headers are spelt in one way.
 *
 * @throws CacheConfigError for what is no path of two or three names
 */
export function privatePaths(paths: unknown): readonly string[] {
  if (paths === undefined) return []
  if (!Array.isArray(paths)) throw expected('invalid-option', 'privateReads', 'an array of paths', paths)
  return paths.map((path: unknown) => {
    const canonical = typeof path === 'string' ? path.replace(HEADER_ALIASES, HEADERS) : ''
    if (!isPath(canonical)) {
      throw expected('invalid-option', 'privateReads', "paths such as 'req.tenant' or 'ctx.state.account'", path)
    }
    return canonical.startsWith(HEADERS) ? canonical.toLowerCase() : canonical
  })
}

function isPath(path: string): boolean {
  const header = path.startsWith(HEADERS) && /^[!#$%&'*+.^_`|~\w-]+$/.test(path.slice(HEADERS.length))
  return header || /^(?:req|res|ctx)(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*){1,2}$/u.test(path)
}

function addPath(plan: Map<string, Map<string, PrivateProperty>>, path: string): void {
  const [root = '', property = '', ...rest] = path.split('.')
  const properties = plan.get(root) ?? new Map<string, PrivateProperty>()
  plan.set(root, properties)
  const known = properties.get(property) ?? {}
  const member = rest.join('.')
  if (member === '') properties.set(property, { ...known, path })
  else properties.set(property, { ...known, members: new Map(known.members).set(member, path) })
}

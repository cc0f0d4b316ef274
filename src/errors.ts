/** Configuration errors: a code, what was expected, what was got, the nearest valid name. */
import { closest, distance } from 'fastest-levenshtein'

/** What is wrong with the configuration, for programs. */
export type CacheConfigCode =
  | 'invalid-ttl'
  | 'invalid-duration'
  | 'invalid-size'
  | 'invalid-option'
  | 'unknown-option'
  | 'invalid-redis'
  | 'redis-client-missing'
  | 'invalid-tags'
  | 'duplicate-name'
  | 'closed'

/** Thrown while a cache, a route or an invalidation is being set up, never while a request is served. */
export class CacheConfigError extends TypeError {
  override readonly name = 'CacheConfigError'
  readonly code: CacheConfigCode

  constructor(code: CacheConfigCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Says what was expected and what was got, in the one form all configuration errors share. */
export function expected(code: CacheConfigCode, option: string, wanted: string, got: unknown): CacheConfigError {
  return new CacheConfigError(code, `Expected \`${option}\` to be ${wanted}, got ${describe(got)}`)
}

/** Names a value for an error message without running code of the value. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/** The known name most like `name`, or undefined when none is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const lower = known.map((one) => one.toLowerCase())
  const nearest = closest(name.toLowerCase(), lower)
  const allowed = Math.max(2, Math.floor(name.length / 2))
  return distance(name.toLowerCase(), nearest) <= allowed ? known[lower.indexOf(nearest)] : undefined
}

/** Throws for the first property of `options` that no reader knows, naming the nearest one that exists. */
export function rejectUnknown(options: object, known: readonly string[], where = ''): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = nearestName(name, known)
    const hint = nearest === undefined ? `Known options: ${known.join(', ')}` : `Did you mean \`${nearest}\`?`
    throw new CacheConfigError('unknown-option', `Unknown option \`${where}${name}\`. ${hint}`)
  }
}

/** Throws unless `options` is a plain bag of options. */
export function requireObject(options: unknown, where: string): asserts options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw expected('invalid-option', where, 'an object', options)
  }
}

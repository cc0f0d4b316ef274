/** Whether what a handler read of its request is private to who asked: no part of the key covers it, and nobody said that it is for all. */
import { parseCacheControl } from './cache-control.ts'
import type { CacheRequest, ResponseHead, Seen } from './exchange.ts'
import { fieldValue } from './headers.ts'

/** What is made of the `Cookie` header. */
const fromCookie = new Set(['req.cookies', 'req.signedCookies', 'req.session', 'ctx.cookies', 'ctx.session'])
/** Who asks is known by one of these headers. */
const credentials = ['cookie', 'authorization'] as const
const fromCredentials = new Set(['req.user', 'ctx.state.user'])
const HEADERS = 'req.headers.'

/** The things that were read and are not in the key by `vary`: the request headers by whose values answers are told apart. */
export function uncoveredReads(
  reads: readonly string[],
  vary: readonly string[],
  request: Pick<CacheRequest, 'headers'>,
): readonly string[] {
  return reads.filter((path) => !isCovered(path, vary, request))
}

function isCovered(path: string, vary: readonly string[], { headers }: Pick<CacheRequest, 'headers'>): boolean {
  if (path.startsWith(HEADERS)) return vary.includes(path.slice(HEADERS.length))
  if (fromCookie.has(path)) return vary.includes('cookie')
  if (!fromCredentials.has(path)) return false
  // Of two headers that may name the user, both must be in the key where both are sent.
  const sent = credentials.filter((name) => headers[name] !== undefined)
  return credentials.some((name) => vary.includes(name)) && sent.every((name) => vary.includes(name))
}

/** Whether the handler itself, and not something that ran before it, says that its answer is for everyone (RFC 9111 §5.2.2.9, §5.2.2.10). */
export function isDeclaredPublic({ headers }: ResponseHead, { touched }: Pick<Seen, 'touched'>): boolean {
  if (!touched.has('cache-control')) return false
  const directives = parseCacheControl(fieldValue(headers, 'cache-control'))
  return directives.has('public') || directives.has('s-maxage')
}

/** What to write so that answers are told apart by what was read. */
export function keyHint(path: string): string {
  const header = path.startsWith(HEADERS) ? path.slice(HEADERS.length) : fromCookie.has(path) ? 'cookie' : undefined
  const subject = path.startsWith('ctx.') ? '(ctx) => ctx' : '(req) => req'
  const [, ...rest] = (path.startsWith(HEADERS) ? 'req.user.id' : path).split('.')
  const byHeader = header === undefined ? '' : `vary: ['${header}'], or `
  return `${byHeader}varyBy: ${subject}.${rest.join('?.')}${rest.at(-1) === 'user' ? '?.id' : ''}, or public: true if it makes no difference`
}

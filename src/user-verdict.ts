/** What the route's own `storable` says of an answer. */
import type { ResponseHead } from './http/exchange.ts'

/**
 * Asks it.
 *
 * @returns `true`, why the answer is not stored, or a promise of whether it is
 */
export function userVerdict(
  storable: ((head: ResponseHead) => unknown) | undefined,
  head: ResponseHead,
  failed: (error: unknown) => false,
): true | string | Promise<boolean> {
  if (storable === undefined) return true
  try {
    const verdict = storable(frozenCopy(head))
    if (!isThenable(verdict)) return verdict ? true : 'storable'
    return Promise.resolve(verdict).then(Boolean, failed)
  } catch (error) {
    failed(error)
    return 'storable-failed'
  }
}

/** What the user's function is shown is not what is stored: it may write to it. */
function frozenCopy(head: ResponseHead): ResponseHead {
  const headers = head.headers.map(([name, value]) =>
    Object.freeze([name, typeof value === 'string' ? value : Object.freeze([...value])] as const),
  )
  return Object.freeze({ ...head, headers: Object.freeze(headers) })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

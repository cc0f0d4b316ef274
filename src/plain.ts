/** Refuses values whose content a hash could not see: two different users must never look alike. */

const DEEPEST = 100

/**
 * Throws unless `value` is made of primitives, arrays, plain objects, dates, bytes, maps and sets.
 * A class instance may keep what tells it apart in private or symbol fields (an `ObjectId` does), which hashing would miss.
 *
 * @throws TypeError that names what to return instead
 */
export function assertPlain(value: unknown, what: string, depth = 0): void {
  if (typeof value === 'function' || typeof value === 'symbol') throw refuse(what, `a ${typeof value}`)
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Date || ArrayBuffer.isView(value)) return
  if (depth > DEEPEST) throw refuse(what, 'nested too deep or circular')
  for (const member of membersOf(value, what)) assertPlain(member, what, depth + 1)
}

function membersOf(value: object, what: string): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value
  if (value instanceof Map) return [...value.keys(), ...value.values()]
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    throw refuse(what, `an instance of ${value.constructor?.name ?? 'a class'}`)
  }
  if (Object.getOwnPropertySymbols(value).length > 0) throw refuse(what, 'an object with symbol properties')
  return Object.values(value)
}

function refuse(what: string, got: string): TypeError {
  return new TypeError(
    `${what} must be plain data that can be told apart by hashing, got ${got}. Return a string or a number instead`,
  )
}

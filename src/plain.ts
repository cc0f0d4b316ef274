/** Turns values into trees whose whole content a hash sees: two different users must never look alike. */

/** Nothing nested deeper is hashed; a circle would be endless. */
const DEEPEST = 100

/**
 * A tree of primitives, arrays and plain objects that differs wherever `value` does.
 * Taken are primitives, arrays, plain objects, dates and bytes. Refused is whatever may keep what tells it apart where hashing does
 * not look: a class instance (an `ObjectId` does), symbol or hidden properties.
 *
 * @param what names the value in the error
 * @throws TypeError that names what to return instead
 */
export function plainTree(value: unknown, what: string, depth = 0): unknown {
  if (typeof value === 'string') return plainText(value)
  if (typeof value === 'function' || typeof value === 'symbol') throw refusal(what, `a ${typeof value}`)
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEEPEST) throw refusal(what, 'nested too deep or circular')
  if (isExactly(value, Array)) return ['list', ...value.map((item) => plainTree(item, what, depth + 1))]
  if (isExactly(value, Date)) return ['date', value.getTime()]
  if (isExactly(value, Buffer) || isExactly(value, Uint8Array)) return ['bytes', Buffer.from(value).toString('base64')]
  assertPlain(value, what)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [plainText(name), plainTree(item, what, depth + 1)]),
  )
}

/** Lone surrogates would all turn into one and the same replacement character; a leading NUL marks what was rewritten. */
function plainText(text: string): string {
  if (Buffer.from(text).toString() !== text) return `\0utf16:${Buffer.from(text, 'utf16le').toString('base64')}`
  return text.startsWith('\0') ? `\0${text}` : text
}

function isExactly<T extends object>(value: object, type: abstract new (...args: never[]) => T): value is T {
  return Object.getPrototypeOf(value) === type.prototype
}

function assertPlain(value: object, what: string): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) {
    throw refusal(what, `an instance of ${value.constructor?.name ?? 'a class'}`)
  }
  const hidden = Object.getOwnPropertyNames(value).length !== Object.keys(value).length
  if (hidden || Object.getOwnPropertySymbols(value).length > 0) throw refusal(what, 'an object with hidden properties')
}

function refusal(what: string, got: string): TypeError {
  return new TypeError(
    `${what} must be plain data that can be told apart by hashing, got ${got}. Return a string or a number instead`,
  )
}

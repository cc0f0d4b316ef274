/** Spells values out for a hash that sees all of their content: two different users must never look alike. */

/** Nothing nested deeper is hashed; a circle would be endless. */
const DEEPEST = 100
/** Values of more parts are not hashed: who sends them could keep the process busy. */
const MOST_PARTS = 10_000

/**
 * A list of texts that differs wherever `value` does. Keys of objects come sorted, everything else in its order.
 * Taken are primitives, arrays, plain objects, maps, sets, dates and bytes. Refused is whatever may keep what tells it apart where
 * nobody looks: a class instance (an `ObjectId` does), symbol or hidden properties.
 *
 * @param what names the value in the error
 * @throws TypeError that says what to give instead
 */
export function plainParts(value: unknown, what: string): string[] {
  const parts: string[] = []
  spell(value, what, parts, 0)
  return parts
}

function spell(value: unknown, what: string, parts: string[], depth: number): void {
  if (depth > DEEPEST) throw refusal(what, 'a value nested too deep or circular')
  if (parts.length > MOST_PARTS) throw refusal(what, `more than ${MOST_PARTS} parts`)
  if (typeof value !== 'object' || value === null) parts.push(primitive(value, what))
  else if (isExactly(value, Date)) parts.push('date', String(value.getTime()))
  else if (isBytes(value)) parts.push(Object.prototype.toString.call(value), base64(value))
  else spellMembers(value, what, parts, depth)
}

function spellMembers(value: object, what: string, parts: string[], depth: number): void {
  const [type, members] = membersOf(value, what)
  parts.push(`${type} of ${members.length}`)
  for (const member of members) spell(member, what, parts, depth + 1)
}

function membersOf(value: object, what: string): [type: string, members: readonly unknown[]] {
  if (isExactly(value, Array)) return ['list', value]
  if (isExactly(value, Map)) return ['map', [...value].flat(1)]
  if (isExactly(value, Set)) return ['set', [...value]]
  assertPlain(value, what)
  const names = Object.keys(value).sort()
  return ['object', names.flatMap((name) => [name, (value as Record<string, unknown>)[name]])]
}

/** The type goes first, so that 1, '1', 1n and true stay apart. Lone surrogates would all turn into one replacement character. */
function primitive(value: unknown, what: string): string {
  if (typeof value === 'function' || typeof value === 'symbol') throw refusal(what, `a ${typeof value}`)
  if (typeof value !== 'string') return `${typeof value} ${String(value)}`
  const wellFormed = Buffer.from(value).toString() === value
  return wellFormed ? `string ${value}` : `utf16 ${Buffer.from(value, 'utf16le').toString('base64')}`
}

function isExactly<T extends object>(value: object, type: abstract new (...args: never[]) => T): value is T {
  return Object.getPrototypeOf(value) === type.prototype
}

/** Buffers and views of the language's own types, without fields of a class of their own. */
function isBytes(value: object): value is NodeJS.ArrayBufferView {
  if (!ArrayBuffer.isView(value)) return false
  if (isExactly(value, Buffer)) return true
  const builtIn = Reflect.get(globalThis, Object.prototype.toString.call(value).slice(8, -1)) as { prototype: object }
  return Object.getPrototypeOf(value) === builtIn.prototype
}

function base64({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
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
    `${what} must be plain data that can be told apart by hashing, got ${got}. Give a string or a number instead`,
  )
}

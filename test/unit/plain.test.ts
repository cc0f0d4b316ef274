// Only values that a hash can tell apart are let into the fingerprint.
import { expect } from 'chai'
import fc from 'fast-check'
import { plainParts } from '../../src/plain.ts'
import { Types } from './fixtures/look-alikes.ts'

const tree = (value: unknown) => () => plainParts(value, 'What `varyBy` returns')

describe('plainParts', () => {
  const plain: [name: string, value: unknown][] = [
    ['primitives', ['a', 1, 1n, true, null, undefined, Number.NaN]],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 })],
    ['nested objects and arrays', { a: [{ b: [] }] }],
    ['dates', new Date(0)],
    ['bytes', [Buffer.from('a'), new Uint8Array(2), new DataView(new ArrayBuffer(1))]],
    ['maps and sets', new Map([['a', new Set([1])]])],
    ['a key called __proto__', JSON.parse('{"__proto__":{"admin":true}}')],
    ['100 levels', nested(100)],
  ]
  for (const [name, value] of plain) it(`lets ${name} pass`, () => expect(tree(value)).to.not.throw())

  it('lets whatever JSON can say pass', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => void plainParts(value, 'The parsed body')))
  })

  const refused: [name: string, value: unknown, got: string][] = [
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('a'), 'a symbol'],
    ['an instance of a class', new Types.Secret('a'), 'an instance of Secret'],
    ['an instance deep inside', { a: [{ b: new Types.Secret('a') }] }, 'an instance of Secret'],
    ['more parts than anyone needs', Array.from({ length: 20_000 }, () => 1), 'more than 10000 parts'],
    ['an error', new Error('a'), 'an instance of Error'],
    ['a regular expression', /a/, 'an instance of RegExp'],
    ['a URL', new URL('http://a'), 'an instance of URL'],
    ['a boxed primitive', new String('a'), 'an instance of String'],
    ['a promise', Promise.resolve(1), 'an instance of Promise'],
    ['a WeakMap', new WeakMap(), 'an instance of WeakMap'],
    ['an object with a symbol as its key', { [Symbol('id')]: 1 }, 'an object with hidden properties'],
    ['a circle', circular(), 'a value nested too deep or circular'],
    ['more than 100 levels', nested(102), 'a value nested too deep or circular'],
  ]
  for (const [name, value, got] of refused) {
    it(`refuses ${name}`, () => {
      expect(tree(value)).to.throw(TypeError, `What \`varyBy\` returns must be plain data`)
      expect(tree(value)).to.throw(`got ${got}. Give a string or a number instead`)
    })
  }

  // What a hash would not see tells two users apart.
  const hiding: [name: string, value: unknown][] = [
    ['a property that is not enumerable', Object.defineProperty({}, 'id', { value: 1 })],
    ['a Map with fields of its own', new Types.OwnMap(1)],
    ['a Set with fields of its own', new Types.OwnSet(1)],
    ['an Array with fields of its own', new Types.OwnArray(1)],
    ['a Date with fields of its own', new Types.OwnDate(1)],
  ]
  for (const [name, value] of hiding) it(`refuses ${name}`, () => expect(tree(value)).to.throw(TypeError))

  it('does not run out of stack', () => {
    expect(tree(nested(100_000))).to.throw(TypeError, 'nested too deep')
  })
})

function nested(levels: number): unknown {
  let value: unknown = 'deep'
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

function circular(): unknown {
  const value: Record<string, unknown> = {}
  value.self = value
  return value
}

// One key for what is one answer, and never one key for two.
import { expect } from 'chai'
import fc from 'fast-check'
import { type FingerprintRules, Fingerprints } from '../../src/fingerprint.ts'
import type { CacheRequest } from '../../src/http/exchange.ts'
import { requestOf } from './fixtures/request.ts'

const plain: FingerprintRules = { vary: [], body: false, flag: 'is_not_cache' }
const withBody: FingerprintRules = { ...plain, body: true }

/** The key as computed, without a memo that could have been asked before. */
const key = (parts: Partial<CacheRequest>, rules = plain, route = '/', extra?: unknown) =>
  new Fingerprints().of(route, rules, requestOf(parts), extra)
const bodyKey = (body: unknown) => key({ method: 'POST', body }, withBody)
const variedKey = (extra: unknown) => key({}, plain, '/', extra)

describe('a fingerprint', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  // T46
  it('is 256 bits in 43 characters, however long the request line', () => {
    for (const url of ['/', `/${'a'.repeat(20_000)}`]) expect(key({ url })).to.match(/^[\w-]{43}$/)
  })

  const one: [name: string, keys: () => string[]][] = [
    ['HEAD and GET', () => [key({ method: 'HEAD' }), key({ method: 'GET' })]],
    ['a host in other letter case', () => [key({ host: 'Shop.Example' }), key({})]],
    ['the default port of http', () => [key({ host: 'shop.example:80' }), key({})]],
    ['the default port of https', () => [key({ scheme: 'https', host: 'a:443' }), key({ scheme: 'https', host: 'a' })]],
    ['parameters in another order', () => [key({ url: '/?a=1&b=2' }), key({ url: '/?b=2&a=1' })]],
    ['an empty query', () => [key({ url: '/?' }), key({ url: '/' })]],
    ['the flag that is no bypass', () => [key({ url: '/?is_not_cache=no' }), key({ url: '/' })]],
    ['the flag by an encoded name', () => [key({ url: '/?a=1&is%5Fnot_cache=0' }), key({ url: '/?a=1' })]],
    ['a header the route does not name', () => [key({ headers: { 'user-agent': 'a' } }), key({})]],
    ['a body the route does not cover', () => [key({ body: { a: 1 } }), key({ body: { a: 2 } })]],
    ['a body with its keys in another order', () => [bodyKey({ a: 1, b: [2] }), bodyKey({ b: [2], a: 1 })]],
    ['the flag in a body', () => [bodyKey({ a: 1, is_not_cache: 0 }), bodyKey({ a: 1 })]],
    [
      'an ignored parameter',
      () => [
        key({ url: '/?utm_x=1' }, { ...plain, query: { ignore: ['utm_*'] } }),
        key({ url: '/' }, { ...plain, query: { ignore: ['utm_*'] } }),
      ],
    ],
    ['nothing said by varyBy', () => [variedKey(undefined), key({})]],
  ]
  for (const [name, keys] of one) it(`is the same for ${name}`, () => expect(new Set(keys()).size).to.equal(1))

  // T39, T40, T41
  const told: [name: string, keys: () => string[]][] = [
    ['methods', () => [key({ method: 'GET' }), key({ method: 'POST' })]],
    ['schemes', () => [key({ scheme: 'http' }), key({ scheme: 'https' })]],
    ['hosts', () => [key({ host: 'a.example' }), key({ host: 'b.example' })]],
    ['ports', () => [key({ host: 'a:81' }), key({ host: 'a' })]],
    ["the other scheme's default port", () => [key({ host: 'a:443' }), key({ host: 'a' })]],
    ['routes', () => [key({}, plain, '/a'), key({}, plain, '/b')]],
    ['route|path splits', () => [key({ url: '/bc' }, plain, '/a'), key({ url: 'c' }, plain, '/a/b')]],
    ['a|bc and ab|c in host and route', () => [key({ host: 'a' }, plain, 'bc'), key({ host: 'ab' }, plain, 'c')]],
    ['paths', () => [key({ url: '/a' }), key({ url: '/A' })]],
    ['a slash at the end', () => [key({ url: '/a' }), key({ url: '/a/' })]],
    ['doubled slashes', () => [key({ url: '//a' }), key({ url: '/a' })]],
    ['an encoded slash', () => [key({ url: '/a%2Fb' }), key({ url: '/a/b' })]],
    ['dot segments', () => [key({ url: '/a/../b' }), key({ url: '/b' })]],
    ['values', () => [key({ url: '/?a=1' }), key({ url: '/?a=2' })]],
    ['an empty value and none', () => [key({ url: '/?a=' }), key({ url: '/?a' })]],
    ['an encoded ampersand', () => [key({ url: '/?a=1%26b=2' }), key({ url: '/?a=1&b=2' })]],
    ['path and query', () => [key({ url: '/a?b' }), key({ url: '/a%3Fb' })]],
    ['the order of one parameter', () => [key({ url: '/?a=1&a=2' }), key({ url: '/?a=2&a=1' })]],
    ['parameters named like prototypes', () => [key({ url: '/?__proto__=1' }), key({ url: '/?constructor=1' })]],
    [
      'named headers',
      () => [
        key({ headers: { a: '1' } }, { ...plain, vary: ['a'] }),
        key({ headers: { a: '2' } }, { ...plain, vary: ['a'] }),
      ],
    ],
    [
      'an empty header and none',
      () => [key({ headers: { a: '' } }, { ...plain, vary: ['a'] }), key({}, { ...plain, vary: ['a'] })],
    ],
    [
      'which header has the value',
      () => [
        key({ headers: { a: '1' } }, { ...plain, vary: ['a', 'b'] }),
        key({ headers: { b: '1' } }, { ...plain, vary: ['a', 'b'] }),
      ],
    ],
    ['a body and none', () => [bodyKey({}), bodyKey(undefined)]],
    ['null and none', () => [bodyKey(null), bodyKey(undefined)]],
    ['numbers and their text', () => [bodyKey({ a: 1 }), bodyKey({ a: '1' })]],
    ['the order of a list', () => [bodyKey([1, 2]), bodyKey([2, 1])]],
    ['a list and an object', () => [bodyKey(['a']), bodyKey({ 0: 'a' })]],
    ['own keys named __proto__', () => [bodyKey(JSON.parse('{"__proto__":1}')), bodyKey({})]],
    ['what varyBy says', () => [variedKey('tenant-1'), variedKey('tenant-2')]],
    ['null from varyBy and nothing', () => [variedKey(null), variedKey(undefined)]],
    ['1, "1", 1n and true from varyBy', () => [variedKey(1), variedKey('1')]],
    ['bigints and numbers from varyBy', () => [variedKey(1n), variedKey(1)]],
    ['a date and its text', () => [variedKey(new Date(0)), variedKey(new Date(0).toJSON())]],
    // What a hash by parts could write alike.
    [
      'where one list of bytes ends',
      () => [
        bodyKey([Buffer.from('a'), Buffer.from('buffer:b')]),
        bodyKey([Buffer.from('abuffer:'), Buffer.from('b')]),
      ],
    ],
    ['bytes that are no text', () => [bodyKey([Buffer.from([0xff])]), bodyKey([Buffer.from([0xfe])])]],
    ['bytes and their text', () => [bodyKey([Buffer.from('a')]), bodyKey(['a'])]],
    ['dates', () => [variedKey(new Date(0)), variedKey(new Date(1))]],
    ['a text that looks like what marks a rewritten one', () => [bodyKey('\ud800'), bodyKey('\0utf16:ANg=')]],
    ['a list that looks like a date', () => [variedKey(new Date(0)), variedKey(['date', 0])]],
    ['lone surrogates', () => [bodyKey({ a: '\ud800' }), bodyKey({ a: '\udfff' })]],
    ['a lone surrogate and its replacement', () => [bodyKey({ a: '\ud800' }), bodyKey({ a: '\ufffd' })]],
    ['one object twice and a text', () => [variedKey(twice({})), variedKey({ a: {}, b: '[CIRCULAR:3]' })]],
  ]
  for (const [name, keys] of told) it(`lets ${name} be told apart`, () => expect(new Set(keys()).size).to.equal(2))

  it('is the same for one object twice and for two that are equal', () => {
    expect(variedKey(twice({ a: 1 }))).to.equal(variedKey({ a: { a: 1 }, b: { a: 1 } }))
  })

  it('tells the bytes of views apart, or refuses them', () => {
    const views: Record<string, (bytes: Uint8Array<ArrayBuffer>) => unknown> = {
      'bytes as they are': (bytes) => bytes,
      'a Buffer': (bytes) => Buffer.from(bytes),
      numbers: ({ buffer }) => new Float64Array(buffer),
      bigints: ({ buffer }) => new BigInt64Array(buffer),
      'a DataView': ({ buffer }) => new DataView(buffer),
      'an ArrayBuffer': ({ buffer }) => buffer,
    }
    for (const [name, view] of Object.entries(views)) {
      const keys = [1, 2].map((first) => {
        try {
          return variedKey(view(new Uint8Array([first, 0, 0, 0, 0, 0, 0, 0])))
        } catch {
          return first
        }
      })
      expect(keys[0], name).to.not.equal(keys[1])
    }
  })

  // T43
  it('has one key per JSON body, and another one for another body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        // JSON has no minus zero of its own, and no order of keys.
        const same = canonical(a) === canonical(b)
        expect(bodyKey(a) === bodyKey(b)).to.equal(same)
        expect(bodyKey(a)).to.equal(bodyKey(JSON.parse(JSON.stringify(a))))
      }),
    )
  })

  it('throws for what varyBy must not return, and a request of the same line still has its key', () => {
    const prints = new Fingerprints()
    expect(() => prints.of('/', plain, requestOf(), () => 1)).to.throw(TypeError, 'varyBy')
    expect(() => prints.of('/', withBody, requestOf({ body: new (class Form {})() }))).to.throw(TypeError, 'body')
    expect(prints.of('/', plain, requestOf())).to.equal(key({}))
  })

  it('writes to nothing it is given', () => {
    const body = Object.freeze({ is_not_cache: '1', a: Object.freeze([1]) })
    const headers = Object.freeze({ a: '1' })
    const rules = Object.freeze({ ...withBody, vary: Object.freeze(['a']) })
    expect(key(Object.freeze({ body, headers }), rules)).to.be.a('string')
  })
})

function twice(value: object): object {
  return { a: value, b: value }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    const sorted = Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))
    return ['object', ...sorted]
  })
}

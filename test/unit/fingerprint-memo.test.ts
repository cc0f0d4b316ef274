// The memo of fingerprints never changes a key: it only saves the hashing.
import { expect } from 'chai'
import fc from 'fast-check'
import { type FingerprintRules, Fingerprints } from '../../src/fingerprint.ts'
import { requestOf } from './fixtures/request.ts'

const plain: FingerprintRules = { vary: [], body: false, flag: 'is_not_cache' }

describe('the memo of fingerprints', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  const value = fc.constantFrom(undefined, '', '1', 'x:1')
  // The same objects again and again, as routes hold them.
  const pool: FingerprintRules[] = [
    plain,
    { ...plain },
    { ...plain, flag: undefined },
    { ...plain, flag: 'f' },
    { ...plain, vary: ['a'] },
    { ...plain, vary: ['b'] },
    { ...plain, vary: ['a', 'b'] },
    { ...plain, query: { ignore: ['f'] } },
    { ...plain, query: { allow: ['f'] } },
    { ...plain, query: { ignore: [] } },
  ]
  const parts = {
    method: fc.constantFrom('GET', 'HEAD', 'POST'),
    scheme: fc.constantFrom('http', 'https'),
    host: fc.constantFrom('a', 'A', 'a:80', 'a:443', ''),
    url: fc.constantFrom('/', '/?', '/?f=1', '/?g=1', '/?f=1&g=2', '/?g=2&f=1', '/f'),
    rewritten: fc.constantFrom(undefined, '', '/', '/f'),
    headers: fc.record({ a: value, b: value }),
    rules: fc.constantFrom(...pool),
    route: fc.constantFrom('/', '/f', 'a\nb', ''),
  }
  // Requests that differ in little: those are what a memo could mix up.
  const alike = fc.record(parts).chain((first) =>
    fc
      .array(fc.record(parts, { requiredKeys: [] }), { minLength: 1, maxLength: 6 })
      .map((changes) => changes.flatMap((change) => Object.entries(change).map((one) => Object.fromEntries([one]))))
      .map((changes) => [first, ...changes.map((change) => ({ ...first, ...change }))]),
  )

  it('remembers for each request the key that would be computed', () => {
    fc.assert(
      fc.property(alike, (asked) => {
        const prints = new Fingerprints(8)
        for (const { route, rules, ...request } of [...asked, ...asked]) {
          const computed = new Fingerprints().of(route, rules, requestOf(request))
          expect(prints.of(route, rules, requestOf(request))).to.equal(computed)
        }
      }),
    )
  })

  // T45
  it('forgets the least recent lines and stays right', () => {
    const prints = new Fingerprints(4)
    const urls = Array.from({ length: 100 }, (_, i) => `/?page=${i}`)
    const first = urls.map((url) => prints.of('/', plain, requestOf({ url })))
    expect(urls.map((url) => prints.of('/', plain, requestOf({ url })))).to.deep.equal(first)
    expect(new Set(first).size).to.equal(100)
  })
})

// The query string in the fingerprint: order-free between names, in order within one, never decoded into a mix-up.
import { expect } from 'chai'
import fc from 'fast-check'
import { isCounted, orderFree, queryPairs } from '../../src/query.ts'

const roots = (query: string) => queryPairs(query).map(({ root }) => root)
const sorted = (query: string) =>
  orderFree(queryPairs(query))
    .map(({ raw }) => raw)
    .join('&')

// T40
describe('queryPairs', () => {
  const cases: [query: string, pairs: [raw: string, name: string, root: string][]][] = [
    ['', []],
    ['&&', []],
    ['a', [['a', 'a', 'a']]],
    ['a=', [['a=', 'a', 'a']]],
    ['a=1=2', [['a=1=2', 'a', 'a']]],
    ['=1', [['=1', '', '']]],
    ['a=%2F', [['a=%2F', 'a', 'a']]],
    ['%61=1', [['%61=1', 'a', 'a']]],
    ['a+b=1', [['a+b=1', 'a b', 'a b']]],
    ['a[b]=1', [['a[b]=1', 'a[b]', 'a']]],
    ['a%5Bb%5D=1', [['a%5Bb%5D=1', 'a[b]', 'a']]],
    ['a[]=1', [['a[]=1', 'a[]', 'a']]],
    ['[a]=1', [['[a]=1', '[a]', 'a']]],
    ['%zz=1', [['%zz=1', '%zz', '%zz']]],
    ['%E0%A4%A=1', [['%E0%A4%A=1', '%E0%A4%A', '%E0%A4%A']]],
    ['__proto__=1', [['__proto__=1', '__proto__', '__proto__']]],
  ]
  for (const [query, pairs] of cases) {
    it(`splits ${JSON.stringify(query)}`, () => {
      expect(queryPairs(query)).to.deep.equal(pairs.map(([raw, name, root]) => ({ raw, name, root })))
    })
  }

  it('loses no byte of what was sent', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '=', '&', '%', '[', ']', '+', '2', 'F') })
    fc.assert(
      fc.property(text, (query) => {
        const kept = queryPairs(query)
          .map(({ raw }) => raw)
          .join('&')
        expect(kept).to.equal(
          query
            .split('&')
            .filter((pair) => pair !== '')
            .join('&'),
        )
      }),
    )
  })
})

describe('orderFree', () => {
  const same: [a: string, b: string][] = [
    ['a=1&b=2', 'b=2&a=1'],
    ['a=1&b=2&a=3', 'b=2&a=1&a=3'],
    ['x&a[]=1&a[]=2', 'a[]=1&x&a[]=2'],
    ['a=1&&b=2', 'b=2&a=1'],
  ]
  for (const [a, b] of same) it(`sees ${a} and ${b} as one`, () => expect(sorted(a)).to.equal(sorted(b)))

  const different: [a: string, b: string][] = [
    ['a=1&a=2', 'a=2&a=1'],
    ['a[0]=1&a[1]=2', 'a[1]=2&a[0]=1'],
    ['a[]=1&a=2', 'a=2&a[]=1'],
    ['a', 'a='],
    ['a=%2F', 'a=/'],
    ['a=%20', 'a=+'],
    ['a=1', 'A=1'],
    ['a=1&b=', 'a=1'],
  ]
  for (const [a, b] of different) it(`tells ${a} from ${b}`, () => expect(sorted(a)).to.not.equal(sorted(b)))

  it('changes nothing it was given', () => {
    const pairs = queryPairs('b=1&a=2')
    orderFree(Object.freeze(pairs))
    expect(pairs.map(({ name }) => name)).to.deep.equal(['b', 'a'])
  })

  it('comes to one order whatever the order between names, and keeps the order within one', () => {
    const pair = fc.tuple(fc.constantFrom('a', 'b', 'c[x]', 'c[]', 'd%5B%5D'), fc.nat(9)).map(([n, v]) => `${n}=${v}`)
    const shuffled = fc
      .array(pair, { maxLength: 8 })
      .chain((pairs) => fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })))
    fc.assert(
      fc.property(shuffled, ([pairs, others]) => {
        const within = (list: string[], root: string) => list.filter((one) => roots(one)[0] === root)
        const kept = ['a', 'b', 'c', 'd'].every((root) => within(pairs, root).join() === within(others, root).join())
        expect(sorted(pairs.join('&')) === sorted(others.join('&'))).to.equal(kept)
      }),
    )
  })
})

describe('isCounted', () => {
  const cases: [name: string, rule: Parameters<typeof isCounted>[1], counted: boolean][] = [
    ['a', undefined, true],
    ['a', { allow: ['a'] }, true],
    ['ab', { allow: ['a'] }, false],
    ['A', { allow: ['a'] }, false],
    ['ab', { allow: ['a*'] }, true],
    ['a', { allow: ['a*'] }, true],
    ['a', { allow: [] }, false],
    ['utm_source', { ignore: ['utm_*'] }, false],
    ['utm', { ignore: ['utm_*'] }, true],
    ['my_utm_source', { ignore: ['utm_*'] }, true],
    ['a', { ignore: ['*'] }, false],
    ['a', { ignore: ['.'] }, true],
    ['token', { ignore: ['utm_*', 'fbclid'] }, true],
    ['fbclid', { ignore: ['utm_*', 'fbclid'] }, false],
    ['constructor', { ignore: [] }, true],
  ]
  for (const [name, rule, counted] of cases) {
    it(`${counted ? 'counts' : 'leaves out'} ${name} under ${JSON.stringify(rule) ?? 'no rule'}`, () => {
      expect(isCounted(name, rule)).to.equal(counted)
    })
  }
})

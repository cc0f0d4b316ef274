// A configuration error names what was expected, what was got and the nearest name that exists.
import { expect } from 'chai'
import fc from 'fast-check'
import { CacheConfigError, describe as describeValue, expected, nearestName, rejectUnknown } from '../../src/errors.ts'

const routeOptions = ['name', 'tags', 'vary', 'varyBy', 'query', 'methods', 'negativeTtl', 'maxBodyBytes', 'collapse']

describe('CacheConfigError', () => {
  it('is a TypeError with a code and a name of its own', () => {
    const error = new CacheConfigError('invalid-ttl', 'text')
    expect(error).to.be.instanceOf(TypeError)
    expect(error).to.include({ name: 'CacheConfigError', code: 'invalid-ttl', message: 'text' })
  })

  it('says what was expected and what was got', () => {
    const { message, code } = expected('invalid-ttl', 'ttl', 'a duration greater than 0', -5)
    expect(message).to.equal('Expected `ttl` to be a duration greater than 0, got -5')
    expect(code).to.equal('invalid-ttl')
  })
})

describe('describe', () => {
  const values: [value: unknown, text: string][] = [
    ['5 parsecs', '"5 parsecs"'],
    ['', '""'],
    [0, '0'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [5n, '5n'],
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [Symbol('secret'), 'a symbol'],
    [() => 'secret', 'a function'],
    [class Secret {}, 'a function'],
    [[1, 2], 'an array of 2'],
    [{ password: 'secret' }, 'an object'],
  ]
  for (const [value, text] of values) {
    it(`names ${text}`, () => expect(describeValue(value)).to.equal(text))
  }

  it('runs no code of the value', () => {
    const run = () => {
      throw new Error('was run')
    }
    const trap = { toString: run, toJSON: run, [Symbol.toPrimitive]: run, [Symbol.toStringTag]: 'x' }
    expect(describeValue(trap)).to.equal('an object')
    expect(describeValue(Object.create(null))).to.equal('an object')
  })
})

describe('nearestName', () => {
  const cases: [name: string, nearest: string | undefined][] = [
    ['tag', 'tags'],
    ['varyby', 'varyBy'],
    ['vary_by', 'varyBy'],
    ['negativeTTL', 'negativeTtl'],
    ['maxBodyByte', 'maxBodyBytes'],
    ['METHODS', 'methods'],
    ['NEGATIVETTL', 'negativeTtl'],
    ['colapse', 'collapse'],
    ['stripes', undefined],
    ['somethingElseAltogether', undefined],
  ]
  for (const [name, nearest] of cases) {
    it(`takes ${name} for ${nearest ?? 'nothing'}`, () => expect(nearestName(name, routeOptions)).to.equal(nearest))
  }

  it('knows no name where there is none', () => expect(nearestName('ttl', [])).to.equal(undefined))

  it('finds each name whatever its letter case', () => {
    for (const name of routeOptions) {
      expect([name, nearestName(name.toUpperCase(), routeOptions)]).to.deep.equal([name, name])
      expect([name, nearestName(name.toLowerCase(), routeOptions)]).to.deep.equal([name, name])
    }
  })

  it('finds a name with one letter left out', () => {
    // Without `vary`, which is as near to `varBy` as `varyBy` is.
    const names = routeOptions.filter((name) => name !== 'vary')
    const slips = fc
      .constantFrom(...names)
      .chain((name) => fc.nat(name.length - 1).map((at) => [name, name.slice(0, at) + name.slice(at + 1)] as const))
    fc.assert(fc.property(slips, ([name, slip]) => nearestName(slip, names) === name))
  })
})

describe('rejectUnknown', () => {
  it('accepts what is known, whatever its value', () => {
    expect(() => rejectUnknown({ name: undefined, tags: null }, routeOptions)).to.not.throw()
  })

  it('names the option as it was written, where it stands, and the nearest', () => {
    const reject = () => rejectUnknown({ Name: 1 }, routeOptions, 'memory.')
    expect(reject).to.throw(CacheConfigError, 'Unknown option `memory.Name`. Did you mean `name`?')
    expect(reject).to.throw().with.property('code', 'unknown-option')
  })

  it('lists the known options where none is near', () => {
    const reject = () => rejectUnknown({ somethingElse: 1 }, ['allow', 'ignore'])
    expect(reject).to.throw('Unknown option `somethingElse`. Known options: allow, ignore')
  })

  // T42
  it('knows no option by the prototype', () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      const options = Object.fromEntries([[name, 1]])
      expect(() => rejectUnknown(options, routeOptions), name).to.throw('Unknown option')
    }
  })
})

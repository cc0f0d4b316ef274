// Durations and sizes: what is one, what is none, and what it comes to.
import { expect } from 'chai'
import fc from 'fast-check'
import { count, duration, size } from '../../src/duration.ts'
import { CacheConfigError } from '../../src/errors.ts'

const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity } = Number

// T67
describe('duration', () => {
  const good: [value: unknown, ms: number][] = [
    [1, 1_000],
    [0.5, 500],
    [1.5, 1_500],
    [0.001, 1],
    [0.0001, 1],
    [60, 60_000],
    ['500ms', 500],
    ['0.5ms', 1],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['0.5m', 30_000],
    ['1h', 3_600_000],
    ['10d', 864_000_000],
    // More than a Node timer holds.
    [2 ** 31 / 1_000, 2 ** 31],
    ['2147483649ms', 2 ** 31 + 1],
    ['365d', 31_536_000_000],
    ['36500d', 3_153_600_000_000],
  ]
  for (const [value, ms] of good) {
    it(`reads ${JSON.stringify(value)} as ${ms} ms`, () => expect(duration(value, 'ttl')).to.equal(ms))
  }

  const bad: unknown[] = [
    ...[0, -0, -1, -0.001, nan, infinity, minusInfinity, Number.MAX_VALUE, 1e300],
    ...[
      '',
      '0s',
      '0ms',
      '-5m',
      '+5m',
      '5',
      '5 m',
      ' 5m',
      '5m ',
      '5 parsecs',
      '5M',
      '5MS',
      '1e3s',
      '.5s',
      '5.s',
      '1,5s',
    ],
    ...[
      '1_000s',
      '0x10s',
      'Infinitys',
      'NaNs',
      '5mm',
      'm',
      '5m5s',
      '5m\n',
      '٥s',
      '99999999d',
      '5constructor',
      '5toString',
    ],
    ...[
      undefined,
      null,
      true,
      false,
      5n,
      [],
      [5],
      {},
      () => 5,
      new Date(),
      Symbol('5s'),
      new Number(5),
      new String('5s'),
    ],
  ]
  for (const value of bad) {
    it(`refuses ${typeof value === 'string' ? JSON.stringify(value) : String(typeof value === 'symbol' ? 'a symbol' : value)} (${typeof value})`, () => {
      const read = () => duration(value, 'budget')
      expect(read).to.throw(CacheConfigError, /^Expected `budget` to be a duration greater than 0 .*, got /)
      expect(read).to.throw().with.property('code', 'invalid-duration')
      expect(() => duration(value, 'ttl', 'invalid-ttl'))
        .to.throw(CacheConfigError)
        .with.property('code', 'invalid-ttl')
    })
  }

  it('is a whole number of at least 1 ms, whatever number it is given', () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: 1e9, noNaN: true }), (seconds) => {
        const ms = duration(seconds, 'ttl')
        expect(Number.isSafeInteger(ms) && ms >= 1, `${ms}`).to.equal(true)
        expect(ms).to.be.closeTo(seconds * 1_000, 1)
      }),
    )
  })

  it('throws nothing but its own error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string()), (value) => {
        try {
          expect(duration(value, 'ttl')).to.be.greaterThan(0)
        } catch (error) {
          expect(error).to.be.instanceOf(CacheConfigError)
        }
      }),
    )
  })
})

describe('size', () => {
  const good: [value: unknown, bytes: number][] = [
    [1, 1],
    [1.9, 1],
    [1_000_000, 1_000_000],
    ['1b', 1],
    ['512kb', 524_288],
    ['0.5kb', 512],
    ['64mb', 67_108_864],
    ['1.5gb', 1_610_612_736],
  ]
  for (const [value, bytes] of good) {
    it(`reads ${JSON.stringify(value)} as ${bytes} bytes`, () => expect(size(value, 'maxBytes')).to.equal(bytes))
  }

  for (const value of [
    0,
    0.9,
    -1,
    nan,
    infinity,
    '0mb',
    '64',
    '64 mb',
    '64MB',
    '64m',
    '-1mb',
    '1tb',
    '',
    null,
    {},
    true,
    undefined,
  ]) {
    it(`refuses ${JSON.stringify(value) ?? 'undefined'} (${String(value)})`, () => {
      expect(() => size(value, 'maxBytes'))
        .to.throw(CacheConfigError, 'Expected `maxBytes` to be a size greater than 0')
        .with.property('code', 'invalid-size')
    })
  }
})

describe('count', () => {
  it('reads whole numbers of at least 1', () => {
    for (const value of [1, 2, 10_000, Number.MAX_SAFE_INTEGER]) expect(count(value, 'maxEntries')).to.equal(value)
  })

  for (const value of [0, -1, 1.5, nan, infinity, 2 ** 53, '5', 5n, null, undefined]) {
    it(`refuses ${String(value)} (${typeof value})`, () => {
      expect(() => count(value, 'maxEntries'))
        .to.throw(CacheConfigError, 'Expected `maxEntries` to be a whole number of at least 1, got ')
        .with.property('code', 'invalid-size')
    })
  }
})

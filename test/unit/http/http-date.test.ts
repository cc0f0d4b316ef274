// Dates as HTTP writes them, and the many texts that only look like one.
import { expect } from 'chai'
import fc from 'fast-check'
import { httpDate } from '../../../src/http/http-date.ts'

const instant = Date.UTC(1994, 10, 6, 8, 49, 37)

describe('httpDate', () => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    'sun, 06 nov 1994 08:49:37 gmt',
    'SUN, 06 NOV 1994 08:49:37 GMT',
  ]) {
    it(`reads ${text}`, () => expect(httpDate(text)).to.equal(instant))
  }

  it('takes two digits for the nearest year that is not more than 50 years ahead', () => {
    const year = new Date().getUTCFullYear()
    const two = (full: number) => `${full % 100}`.padStart(2, '0')
    expect(httpDate(`Monday, 01-Jan-${two(year + 50)} 00:00:00 GMT`)).to.equal(Date.UTC(year + 50, 0, 1))
    expect(httpDate(`Monday, 01-Jan-${two(year + 51)} 00:00:00 GMT`)).to.equal(Date.UTC(year - 49, 0, 1))
  })

  it('reads the leap second and the leap day', () => {
    expect(httpDate('Sat, 31 Dec 2016 23:59:60 GMT')).to.equal(Date.UTC(2017, 0, 1))
    expect(httpDate('Thu, 29 Feb 2024 00:00:00 GMT')).to.equal(Date.UTC(2024, 1, 29))
  })

  for (const text of [
    undefined,
    '',
    '0',
    '-1',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 AEST',
    'Sun 06 Nov 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06  Nov 1994 08:49:37 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, 06 Nov 1994 08.49.37 GMT',
    'Sun, 06 Nox 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, x',
    'Nonsense, 06-Nov-94 08:49:37 GMT',
  ]) {
    it(`takes ${JSON.stringify(text)} for no date`, () => expect(httpDate(text)).to.equal(undefined))
  }

  it('reads every date that Date writes, and never throws', () => {
    const seconds = fc.integer({ min: 0, max: 4_102_444_799 })
    fc.assert(fc.property(seconds, (at) => httpDate(new Date(at * 1_000).toUTCString()) === at * 1_000))
    fc.assert(fc.property(fc.string(), (text) => void httpDate(text)))
  })
})

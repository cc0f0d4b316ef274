// What `bloomFilter` takes, and what is wrong with wrong arguments.
import { expect } from 'chai'
import { type BloomFilterOptions, filterSettings } from '../../../../src/guard/bloom/filter-options.ts'
import { filterLayout } from '../../../../src/guard/bloom/layout.ts'
import { expectError, show } from '../../fixtures/config-error.ts'

const URL = 'redis://127.0.0.1:6379'

describe('the arguments of bloomFilter', () => {
  it('have defaults', () => {
    const { name, layout, base, budget } = filterSettings(URL, 'users', {})
    expect({ name, layout, base, budget }).to.deep.equal({
      name: 'users',
      layout: filterLayout(100_000, 0.01),
      base: '{tiercache:bloom:users}',
      budget: 100,
    })
  })

  it("put the client's own prefix and the namespace before the name, all in the braces that decide on the slot", () => {
    const { base } = filterSettings({ host: 'localhost', keyPrefix: 'app:' }, 'users', { namespace: 'shop' })
    expect(base).to.equal('{app:shop:bloom:users}')
  })

  const wrong: [redis: unknown, name: unknown, options: unknown, code: string, message: RegExp][] = [
    ['localhost', 'a', {}, 'invalid-redis', /Expected `redis` to be/],
    [undefined, 'a', {}, 'invalid-redis', /got undefined/],
    [URL, '', {}, 'invalid-option', /Expected `name` to be a string without spaces and braces, got ""/],
    [URL, 'a{b', {}, 'invalid-option', /got "a\{b"/],
    [URL, 7, {}, 'invalid-option', /Expected `name`.*got 7/],
    [URL, 'a', { namespace: 'x y' }, 'invalid-option', /Expected `namespace`/],
    [URL, 'a', null, 'invalid-option', /Expected `options` to be an object/],
    [URL, 'a', { sice: 1 }, 'unknown-option', /Unknown option `sice`. Did you mean `size`\?/],
    [URL, 'a', { size: 0 }, 'invalid-size', /Expected `size` to be a whole number of at least 1, got 0/],
    [URL, 'a', { size: 1.5 }, 'invalid-size', /got 1.5/],
    [URL, 'a', { errorRate: 0 }, 'invalid-option', /Expected `errorRate` to be a number between 0 and 1, got 0/],
    [URL, 'a', { errorRate: '1%' }, 'invalid-option', /got "1%"/],
    [URL, 'a', { budget: 0 }, 'invalid-duration', /Expected `budget` to be a duration greater than 0/],
    [URL, 'a', { listeners: [1] }, 'invalid-option', /Expected `listeners` to be an array of functions/],
  ]
  for (const [redis, name, options, code, message] of wrong) {
    it(`refuse ${show([redis, name, options])}`, () => {
      const make = () => filterSettings(redis as string, name, options as BloomFilterOptions)
      expect(expectError(make, code as 'invalid-option').message).to.match(message)
    })
  }
})

// What is wrong with the arguments of locks is said before Redis is asked.
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { CacheConfigError, lock, locks, withLock } from '../../../src/index.ts'

describe('the arguments of locks', () => {
  const wrong: readonly [what: string, call: () => unknown, message: RegExp][] = [
    ['no Redis', () => locks(undefined as never), /`redis` to be a redis:\/\/ or rediss:\/\/ URL/],
    ['the client of another library', () => locks({ sendCommand: () => {} }), /`redis`/],
    ['a namespace with spaces', () => locks('redis://127.0.0.1:1', { namespace: 'a b' }), /`namespace`/],
    ['an unknown option', () => locks('redis://127.0.0.1:1', { nameSpace: 'a' } as never), /Did you mean `namespace`/],
  ]
  for (const [what, call, message] of wrong) {
    it(`throw at once for ${what}`, () => expect(call).to.throw(CacheConfigError, message))
  }

  const client = new Redis(1, { lazyConnect: true })
  const { lock: lockThere, withLock: withLockThere } = locks('redis://127.0.0.1:1')
  const refused: readonly [what: string, call: () => Promise<unknown>, message: RegExp][] = [
    [
      'a URL that would cost a connection each',
      () => lock('redis://:secret@a' as never, 'a'),
      /go to `locks\(\)`\), got "a URL"/,
    ],
    ['options that would', () => withLock({ port: 1 }, 'a', () => {}), /`locks\(\)`/],
    ['null for options', () => lock(client, 'a', null as never), /`options` to be an object, got null/],
    ['a number for options', () => withLock(client, 'a', () => {}, 5 as never), /`options` to be an object, got 5/],
    ['an empty key', () => lockThere(''), /`key` to be a string that is not empty/],
    ['a key that is no string', () => lockThere(5 as never), /`key`.*got 5/],
    ['a ttl of 0', () => lockThere('a', { ttl: 0 }), /`ttl` to be a duration greater than 0/],
    ['a negative wait', () => lockThere('a', { wait: -1 }), /`wait` to be 0 or a duration greater than 0/],
    ['an unknown option', () => lockThere('a', { tll: '1s' } as never), /Unknown option `tll`. Did you mean `ttl`\?/],
    ['no function', () => withLockThere('a', undefined as never), /`fn` to be a function/],
  ]
  for (const [what, call, message] of refused) {
    it(`reject ${what}`, async () => {
      const error = await call().catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(CacheConfigError).with.property('message').that.matches(message)
    })
  }
})

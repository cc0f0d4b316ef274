// What `invalidate(...)` bumps: its targets, or the write's own route and the collection above it.
import { expect } from 'chai'
import { CacheConfigError } from '../../src/errors.ts'
import { Invalidation, type Target, untargetedTags, type WritePlace } from '../../src/invalidation.ts'
import type { CacheEvent } from '../../src/observe/events.ts'
import { TagRegistry } from '../../src/tag-registry.ts'
import { memoryVersions } from '../../src/versions/memory.ts'
import { deferred } from '../support/gate.ts'
import { thenable } from './fixtures/thenable.ts'

type Subject = [id: string]

/** Where a write of user 42 happens. */
const placeOf = (parts: Partial<WritePlace<Subject>> = {}): WritePlace<Subject> => ({
  subject: ['42'],
  untargeted: () => ['own', 'above'],
  route: () => '/route',
  routes: () => [],
  ...parts,
})

/** An invalidation over real versions, with everything it bumped and told. */
function watched(...targets: Target<Subject>[]) {
  const versions = memoryVersions()
  const bumped: (readonly string[])[] = []
  const events: CacheEvent[] = []
  const registry = new TagRegistry()
  registry.note(['a', 'b', 'fixed', 'user:42', 'users'])
  const bump = (tags: readonly string[]) => {
    bumped.push(tags)
    return versions.bump(tags)
  }
  const tell = (event: CacheEvent) => void events.push(event)
  const invalidation = new Invalidation<Subject>(targets, { bump, intents: undefined, registry, tell })
  return { invalidation, bumped, events, registry, act: invalidation.after(placeOf()) }
}

describe('invalidate', () => {
  const sync: [name: string, targets: Target<Subject>[], bumped: string[]][] = [
    ['no target: its own route and the collection', [], ['own', 'above']],
    ['names', ['a', 'b'], ['a', 'b']],
    ['a function of the request', [(id) => `user:${id}`], ['user:42']],
    ['a function that names several', [(id) => [`user:${id}`, 'users']], ['user:42', 'users']],
    ['names and functions', ['a', (id) => `user:${id}`, 'b'], ['a', 'b', 'user:42']],
  ]
  for (const [name, targets, expected] of sync) {
    it(`bumps ${name}, at once`, () => {
      const { act, bumped, events } = watched(...targets)
      expect(act()).to.equal(undefined)
      expect(bumped).to.deep.equal([expected])
      expect(events).to.deep.equal([])
    })
  }

  it('asks for what is bumped without targets when the write is done, and only where it is needed', () => {
    let asked = 0
    const untargeted = () => [`own ${++asked}`]
    const { invalidation, bumped } = watched()
    const act = invalidation.after(placeOf({ untargeted }))
    expect(asked).to.equal(0)
    act()
    watched('a').invalidation.after(placeOf({ untargeted: () => expect.fail('was asked') }))()
    expect(bumped).to.deep.equal([['own 1']])
  })

  it('bumps nothing for a function that names nothing', () => {
    const { act, bumped } = watched(() => [])
    expect(act()).to.equal(undefined)
    expect(bumped).to.deep.equal([])
  })

  it('waits for promised names, and bumps all together', async () => {
    const later = deferred<string>()
    const { act, bumped } = watched(
      'a',
      async (id) => [`user:${id}`],
      () => later.promise,
    )
    const acting = act()
    await Promise.resolve()
    expect(bumped).to.deep.equal([])
    later.resolve('late')
    await acting
    expect(bumped).to.deep.equal([['a', 'user:42', 'late']])
  })

  const failing: [name: string, target: () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
    ['names no string', () => 5],
    ['names an empty string', () => ['']],
    ['promises no string', async () => undefined],
  ]
  for (const [name, target] of failing) {
    // T75
    it(`bumps the untargeted tags and the fixed ones for a function that ${name}, and says so`, async () => {
      const { act, bumped, events } = watched('fixed', target as () => string)
      await act()
      expect(bumped).to.deep.equal([['fixed', 'own', 'above']])
      expect(events).to.have.length(1)
      expect(events[0]).to.deep.include({ type: 'function-failed', route: '/route', function: 'target' })
      expect(events[0]).to.have.property('error').that.is.instanceOf(Error)
    })
  }

  it('bumps what the other functions name where one fails', async () => {
    const { act, bumped, events } = watched(
      async (id) => `user:${id}`,
      () => Promise.reject(new Error('mine')),
    )
    await act()
    expect(bumped).to.deep.equal([['user:42', 'own', 'above']])
    expect(events).to.have.length(1)
  })

  it('waits for promises of other libraries', async () => {
    const { act, bumped } = watched(() => thenable((resolve) => resolve('users')) as never)
    await act()
    expect(bumped).to.deep.equal([['users']])
  })

  it('asks for the routes of the application where a fixed target looks mistyped, and only there', () => {
    const { invalidation, events } = watched('/product', 'a')
    invalidation.after(placeOf({ routes: () => ['/products', '/product/:id'] }))()
    expect(events.map((event) => event.type)).to.deep.equal(['unknown-target'])
    watched('a').invalidation.after(placeOf({ routes: () => expect.fail('was asked') }))()
  })

  it('resolves once the bump is confirmed, and not before', async () => {
    const confirmed = deferred<{ applied: 'everywhere'; journalled: boolean }>()
    const bump = () => confirmed.promise
    const parts = { bump, intents: undefined, registry: new TagRegistry(), tell: () => undefined }
    let done = false
    const acting = Promise.resolve(new Invalidation<Subject>(['a'], parts).after(placeOf())()).then(() => {
      done = true
    })
    await new Promise(setImmediate)
    expect(done).to.equal(false)
    confirmed.resolve({ applied: 'everywhere', journalled: false })
    await acting
  })

  it('tells once of a fixed target that nothing ever carried', () => {
    const { act, events, registry, bumped } = watched('/product', 'a')
    registry.note(['/products'])
    act()
    act()
    expect(events).to.deep.equal([{ type: 'unknown-target', target: '/product', nearest: '/products' }])
    expect(bumped).to.have.length(2)
  })

  it('knows its fixed targets before any request', () => {
    expect(watched('a', () => 'b', 'c').invalidation.fixed).to.deep.equal(['a', 'c'])
  })

  for (const target of ['', 5, null, undefined, {}, ['a'], Symbol('a')]) {
    it(`refuses the target ${typeof target === 'symbol' ? 'a symbol' : JSON.stringify(target)}`, () => {
      // An object that comes last is no target, but options.
      const isOptions = typeof target === 'object' && target !== null && !Array.isArray(target)
      for (const targets of [[target, 'a'], ...(isOptions ? [] : [['a', target]])]) {
        expect(() => watched(...(targets as never[])))
          .to.throw(
            CacheConfigError,
            /^Expected `invalidate` to be given strings that are not empty, or functions, got /,
          )
          .with.property('code', 'invalid-tags')
      }
    })
  }
})

describe('untargetedTags', () => {
  const cases: [pattern: string, tags: string[]][] = [
    ['/users/:id', ['/users/:id', '/users']],
    ['/api/users/:id', ['/api/users/:id', '/api/users']],
    ['/users/:id/posts/:post', ['/users/:id/posts/:post', '/users/:id/posts']],
    ['/users/:id/posts', ['/users/:id/posts']],
    ['/users', ['/users']],
    ['/', ['/']],
    ['/:id', ['/:id', '/']],
    ['/files/*path', ['/files/*path', '/files']],
    ['/files/*', ['/files/*', '/files']],
    ['/users/{:id}', ['/users/{:id}', '/users']],
    ['/users{/:id}', ['/users{/:id}', '/users']],
    ['/users/:id.json', ['/users/:id.json', '/users']],
    ['/users/user-:id', ['/users/user-:id']],
    ['users', ['users']],
    ['', ['']],
  ]
  for (const [pattern, tags] of cases) {
    it(`of ${pattern || 'nothing'} are ${tags.join(' and ')}`, () =>
      expect(untargetedTags([pattern])).to.deep.equal(tags))
  }
})

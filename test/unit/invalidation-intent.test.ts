// `invalidate(…, { mode: 'intent' })`: a write is announced before its handler runs, and settled once, however it ends.
import { expect } from 'chai'
import { type IntentParts, Invalidation } from '../../src/invalidation.ts'
import type { CacheEvent } from '../../src/observe/events.ts'
import { TagRegistry } from '../../src/tag-registry.ts'
import type { BumpResult, Intent } from '../../src/versions/versions.ts'
import { deferred } from '../support/gate.ts'
import { expectError, show } from './fixtures/config-error.ts'

const everywhere: BumpResult = { applied: 'everywhere', journalled: false }

/** An invalidation of writes that are announced to nobody but a log. */
function announced(targets: unknown[], begins: () => Promise<void> = async () => undefined) {
  const log: string[] = []
  const events: CacheEvent[] = []
  const intents: IntentParts = {
    async begin(tags) {
      log.push(`begin ${tags}`)
      await begins()
      return { writer: 'me', tags, end: () => undefined } satisfies Intent
    },
    settle({ tags }) {
      log.push(`settle ${tags}`)
      return everywhere
    },
  }
  const bump = () => expect.fail('the intent is what is settled')
  const tell = (event: CacheEvent) => void events.push(event)
  const parts = { bump, intents, registry: new TagRegistry(), tell }
  const invalidation = new Invalidation<[id: string]>([...targets, { mode: 'intent' }] as never, parts)
  const announce = () =>
    invalidation.before({
      subject: ['42'],
      untargeted: () => ['own', 'above'],
      route: () => '/route',
      routes: () => [],
    })
  return { invalidation, announce, log, events }
}

describe('a write that is announced', () => {
  it('is announced with all that it is about to change, before anything else happens', async () => {
    const { announce, log } = announced(['a', (id: string) => `user:${id}`, async () => ['b', 'c']])
    expect(await announce()).to.have.keys('act', 'release')
    expect(log).to.deep.equal(['begin a,user:42,b,c'])
  })

  it('is announced for its own route and the collection where it has no targets, or one fails', async () => {
    const [bare, failing] = [announced([]), announced(['a', () => Promise.reject(new Error('mine'))])]
    await Promise.all([bare.announce(), failing.announce()])
    expect([bare.log, failing.log]).to.deep.equal([['begin own,above'], ['begin a,own,above']])
    expect(failing.events.map(({ type }) => type)).to.include('function-failed')
  })

  it('must not happen where it cannot be announced', async () => {
    const { announce, log } = announced(['a'], () => Promise.reject(new Error('down')))
    expect(await announce()).to.equal(undefined)
    expect(log).to.deep.equal(['begin a'])
  })

  it('must not happen before it is announced', async () => {
    const told = deferred()
    const { announce } = announced(['a'], () => told.promise)
    let ready = false
    const write = announce().finally(() => {
      ready = true
    })
    await new Promise(setImmediate)
    expect(ready).to.equal(false)
    told.resolve()
    expect(await write).to.have.property('act')
  })

  it('is settled when it succeeded, again where its answer ends later, and not once more when it is released', async () => {
    const { announce, log } = announced(['a'])
    const write = (await announce())!
    write.act()
    write.act()
    write.release()
    expect(log).to.deep.equal(['begin a', 'settle a', 'settle a'])
  })

  it('is settled when it is released without having succeeded, once', async () => {
    const { announce, log } = announced(['a'])
    const write = (await announce())!
    write.release()
    write.release()
    expect(log).to.deep.equal(['begin a', 'settle a'])
  })
})

describe('the options of invalidate', () => {
  const create = (...args: unknown[]) =>
    new Invalidation<[]>(args as never, {
      bump: () => everywhere,
      intents: undefined,
      registry: new TagRegistry(),
      tell: () => undefined,
    })

  it('come last, and are no target', () => {
    for (const options of [{}, { mode: undefined }, { mode: 'after' }]) {
      const { fixed, intends } = create('a', 'b', options)
      expect([fixed, intends]).to.deep.equal([['a', 'b'], false])
    }
    expect(announced(['a']).invalidation).to.deep.include({ fixed: ['a'], intends: true })
  })

  // Issue 3, bad input
  it('refuse to announce writes where there is no Redis to hear of them', () => {
    const { message } = expectError(() => create('a', { mode: 'intent' }), 'invalid-option')
    expect(message).to.include("`mode: 'intent'`").and.include('`redis`')
  })

  for (const mode of ['before', 'Intent', '', null, true, 5]) {
    it(`refuse the mode ${show(mode)}`, () => {
      const { message } = expectError(() => create('a', { mode }), 'invalid-option')
      expect(message).to.include("Expected `mode` to be 'after' or 'intent', got ")
    })
  }

  it('refuse what they do not know', () => {
    const { message } = expectError(() => create('a', { moed: 'intent' }), 'unknown-option')
    expect(message).to.include('Unknown option `moed`. Did you mean `mode`?')
  })
})

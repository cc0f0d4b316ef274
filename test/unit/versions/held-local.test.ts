// Which tokens are taken over from Redis, and which are made here while it must not, or cannot, be asked.
import { expect } from 'chai'
import { bare, effective, isLocal } from '../../../src/versions/held.ts'
import { TERMS } from '../../contract/versions.ts'
import { fakeShard, openHeldTokens } from '../fixtures/held-tokens.ts'

describe('what Redis says of a token', () => {
  let parts: ReturnType<typeof openHeldTokens>

  beforeEach(() => {
    parts = openHeldTokens()
  })

  it('keeps the instant since which it is held, as long as it says the same', () => {
    parts.enter('a', '1.a')
    parts.clock.pass(100)
    parts.enter('a', '1.a')
    expect(parts.table.get('a')).to.include({ heldSince: 0, sentAt: 100 })
    parts.enter('a', '2.b')
    expect(parts.table.get('a')).to.include({ token: 'one:2.b', heldSince: 100 })
  })

  it('is another token where its primary has another history', () => {
    parts.enter('a', '1.a')
    parts.clock.pass(100)
    parts.shard.generation = 'two'
    parts.enter('a', '1.a')
    expect(parts.table.get('a')).to.include({ token: 'two:1.a', heldSince: 100 })
  })

  it('never shortens how long its key is known to live, unless it is another', () => {
    const lives = [50, 20, 80].map((keyUntil) => {
      parts.enter('a', '1.a', 0, keyUntil)
      return parts.table.get('a')?.keyUntil
    })
    expect(lives).to.deep.equal([50, 50, 80])
    parts.enter('a', '2.b', 0, 10)
    expect(parts.table.get('a')?.keyUntil).to.equal(10)
  })

  // T60
  it('is not taken over while Redis has not heard of a bump made here', () => {
    parts.enter('a', '1.a')
    parts.journal.add('a')
    parts.enter('a', '2.b')
    const made = parts.table.get('a')!
    expect(isLocal(made.token)).to.equal(true)
    parts.enter('a', '3.c')
    expect(parts.table.get('a')).to.equal(made)
    parts.enter('b', '1.a')
    expect(parts.table.get('b')?.token).to.equal('one:1.a')
    parts.journal.confirmed(parts.journal.pending()[0]!)
    parts.enter('a', '3.c')
    expect(parts.table.get('a')?.token).to.equal('one:3.c')
  })
})

describe('a token made here', () => {
  let parts: ReturnType<typeof openHeldTokens>
  const local = (tag: string) => parts.held.local(tag, TERMS)

  beforeEach(() => {
    parts = openHeldTokens()
  })

  it('is none where Redis can be asked', () => {
    expect(local('a')).to.equal(undefined)
    expect(parts.table.get('a')).to.equal(undefined)
  })

  // C3: answers of an outage live at most maxStale.
  it('stands for a tag while Redis is away, up to maxStale, and is then another', () => {
    parts.connection.up = false
    const first = local('a')!
    parts.clock.pass(30_000)
    expect(local('a')).to.equal(first)
    parts.clock.pass(1)
    const second = local('a')!
    expect([isLocal(first), isLocal(second), first === second]).to.deep.equal([true, true, false])
  })

  it('takes the place of nothing that may still be used', () => {
    parts.enter('a', '1.a')
    parts.connection.up = false
    expect(local('a')).to.equal('one:1.a')
    parts.clock.pass(30_001)
    expect(local('a')).to.satisfy(isLocal)
  })

  it('is like no other, whatever is drawn', () => {
    const made = Array.from({ length: 100 }, (_, i) => parts.held.makeLocal(`t${i % 3}`))
    expect(new Set(made).size).to.equal(100)
  })

  it('stands for a tag that was bumped here while Redis can be asked, until Redis has heard of it', () => {
    parts.journal.add('a')
    const made = parts.held.makeLocal('a')
    expect([local('a'), parts.held.usable('a', TERMS)]).to.deep.equal([made, made])
    parts.journal.confirmed(parts.journal.pending()[0]!)
    expect([local('a'), parts.held.usable('a', TERMS)]).to.deep.equal([undefined, undefined])
  })

  // C2: others go on writing, and a message of it may be lost.
  it('is believed no longer than the bound while Redis can be asked', () => {
    parts.journal.add('a')
    const made = parts.held.makeLocal('a')
    parts.clock.pass(1_000)
    expect(parts.held.usable('a', TERMS)).to.equal(made)
    parts.clock.pass(1)
    expect(parts.held.usable('a', TERMS)).to.equal(undefined)
    expect(local('a')).to.not.equal(made)
  })
})

describe('the name of a token', () => {
  it('is made of the history and what Redis has, and gives the latter back', () => {
    for (const token of ['1.a', '!1.a', '']) {
      expect(effective(fakeShard('one'), token)).to.equal(`one:${token}`)
      expect(bare(effective(fakeShard('one'), token))).to.equal(token)
    }
  })

  it('tells what nobody else knows from what Redis said', () => {
    const { held } = openHeldTokens()
    expect(isLocal(held.makeLocal('a'))).to.equal(true)
    expect(['one:1.a', 'unknown:1.a', ':1.a', '1.a'].filter(isLocal)).to.deep.equal([])
  })
})

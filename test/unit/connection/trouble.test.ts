// What went wrong with Redis has a kind, and is told once per change.
import { expect } from 'chai'
import fc from 'fast-check'
import { ReplyError } from 'ioredis'
import {
  isCut,
  LateError,
  OverloadError,
  TroubleLog,
  troubleKind,
  UnreachableError,
} from '../../../src/connection/trouble.ts'
import type { CacheEvent, TroubleKind } from '../../../src/observe/events.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })
const system = (code: string) => Object.assign(new Error(`connect ${code} 127.0.0.1:6379`), { code })

// T68, T71
describe('troubleKind', () => {
  const cases: [error: unknown, kind: TroubleKind][] = [
    [new LateError('no answer'), 'timeout'],
    [new UnreachableError('down'), 'connection'],
    [new OverloadError('full'), 'overload'],
    [system('ECONNREFUSED'), 'connection'],
    [system('ECONNRESET'), 'connection'],
    [system('ENOTFOUND'), 'connection'],
    [system('EPIPE'), 'connection'],
    [system('ETIMEDOUT'), 'timeout'],
    [new Error('Connection is closed.'), 'connection'],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'connection'],
    [reply("READONLY You can't write against a read only replica."), 'readonly'],
    [reply('NOREPLICAS Not enough good replicas to write.'), 'readonly'],
    [reply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."), 'readonly'],
    [reply("OOM command not allowed when used memory > 'maxmemory'."), 'memory'],
    [reply('LOADING Redis is loading the dataset in memory'), 'loading'],
    [reply('BUSY Redis is busy running a script.'), 'loading'],
    [reply('NOAUTH Authentication required.'), 'auth'],
    [reply('WRONGPASS invalid username-password pair or user is disabled.'), 'auth'],
    [reply("NOPERM User default has no permissions to run the 'get' command"), 'auth'],
    [reply('ERR AUTH <password> called without any password configured for the default user.'), 'auth'],
    [reply('ERR invalid password'), 'auth'],
    [reply('WRONGTYPE Operation against a key holding the wrong kind of value'), 'type'],
    [reply('NOSCRIPT No matching script. Please use EVAL.'), 'script'],
    [reply('ERR Error running script (call to f_1): @user_script:1: x'), 'script'],
    [reply("ERR unknown command 'EVAL'"), 'other'],
    // What a Cluster answers while it is rearranged passes by itself, as loading does.
    [reply('CLUSTERDOWN The cluster is down'), 'loading'],
    [reply('MOVED 3999 127.0.0.1:6381'), 'loading'],
    [reply('ASK 3999 127.0.0.1:6381'), 'loading'],
    [reply('TRYAGAIN Multiple keys request during rehashing of slot'), 'loading'],
    [reply('ERR something else'), 'other'],
    [undefined, 'connection'],
    ['a text', 'connection'],
  ]
  for (const [error, kind] of cases) {
    it(`of ${error instanceof Error ? error.message : String(error)} is ${kind}`, () => {
      expect(troubleKind(error)).to.equal(kind)
    })
  }

  it('knows the replies of the client library', () => {
    expect(troubleKind(new ReplyError('ERR something'))).to.equal('other')
  })

  it('is found for whatever is thrown', () => {
    const text = fc.option(fc.string(), { nil: undefined })
    const thrown = fc.oneof(
      fc.constantFrom(undefined, null, 5, 'text'),
      fc.record({ message: text, name: text, code: text }),
    )
    fc.assert(fc.property(thrown, (error) => void expect(troubleKind(error)).to.be.a('string')))
  })
})

describe('isCut', () => {
  it('is true where a connection was lost under a command, and for nothing else', () => {
    const cut = [new Error('Connection is closed.'), system('ECONNRESET'), system('EPIPE')]
    const others = [new LateError('late'), new UnreachableError('down'), reply('OOM x'), reply('READONLY x')]
    expect([...cut, ...others].map(isCut)).to.deep.equal([true, true, true, false, false, false, false])
  })
})

describe('a trouble log', () => {
  let events: CacheEvent[]
  let log: TroubleLog
  let clock: ManualClock

  beforeEach(() => {
    events = []
    clock = manualClock()
    log = new TroubleLog((event) => events.push(event), clock)
  })

  const told = () => events.map((event) => event.type === 'trouble' && [event.operation, event.kind])

  it('tells of the first failure of a kind, and of the recovery', () => {
    for (let i = 0; i < 100; i++) log.failed('get', reply('LOADING Redis is loading'))
    for (let i = 0; i < 100; i++) log.succeeded('get')
    clock.pass(1_000)
    for (let i = 0; i < 100; i++) log.succeeded('get')
    expect(events).to.deep.equal([
      { type: 'trouble', operation: 'get', kind: 'loading', message: 'LOADING Redis is loading' },
      { type: 'trouble', operation: 'get', kind: undefined, message: 'recovered' },
    ])
    expect(log.counts).to.deep.equal({ loading: 100 })
  })

  it('tells of another kind of the same operation', () => {
    log.failed('set', reply('OOM x'))
    log.failed('set', reply('READONLY x'))
    log.failed('set', reply('OOM x'))
    expect(told()).to.deep.equal([
      ['set', 'memory'],
      ['set', 'readonly'],
      ['set', 'memory'],
    ])
  })

  // T71
  it('does not follow an operation that fails and succeeds in turns', () => {
    for (let i = 0; i < 1_000; i++) {
      log.failed('get', new LateError('late'))
      clock.pass(50)
      log.succeeded('get')
      clock.pass(50)
    }
    expect(told()).to.deep.equal([['get', 'timeout']])
    clock.pass(1_000)
    expect(told()).to.deep.equal([
      ['get', 'timeout'],
      ['get', undefined],
    ])
  })

  it('must hold out longer each time it fails again soon after it recovered', () => {
    for (const hold of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      events = []
      log.failed('get', reply('OOM x'))
      log.succeeded('get')
      clock.pass(hold - 1)
      expect(told()).to.deep.equal([['get', 'memory']])
      clock.pass(1)
      expect(told()).to.have.length(2)
    }
    // Once it was well for long, it counts as new.
    clock.pass(10_000)
    events = []
    log.failed('get', reply('OOM x'))
    log.succeeded('get')
    clock.pass(1_000)
    expect(told()).to.have.length(2)
  })

  // T71: the loss of Redis has one event, however many operations come late with it.
  it('says nothing of late answers where Redis turns out to be lost', () => {
    for (const operation of ['get', 'set', 'versions'] as const) log.failed(operation, new LateError('late'))
    clock.pass(400)
    log.lost()
    log.failed('bump', new LateError('late'))
    clock.pass(10_000)
    expect(told()).to.deep.equal([])
    expect(log.counts).to.deep.equal({ timeout: 4 })
    log.found()
    log.failed('get', new LateError('late'))
    clock.pass(500)
    expect(told()).to.deep.equal([['get', 'timeout']])
  })

  it('keeps operations apart', () => {
    log.failed('set', reply('OOM x'))
    log.succeeded('get')
    log.failed('bump', reply('OOM x'))
    log.succeeded('set')
    clock.pass(1_000)
    expect(told()).to.deep.equal([
      ['set', 'memory'],
      ['bump', 'memory'],
      ['set', undefined],
    ])
  })

  // T71: a full Redis reads what is there and refuses what is new.
  it('takes what fails now and then for failing: it tells once, and of the recovery once nothing has failed for a second', () => {
    for (let i = 0; i < 20; i++) {
      log.failed('versions', reply('OOM x'))
      log.succeeded('versions')
      clock.pass(300)
      log.succeeded('versions')
    }
    expect(told()).to.deep.equal([['versions', 'memory']])
    clock.pass(700)
    expect(told()).to.deep.equal([
      ['versions', 'memory'],
      ['versions', undefined],
    ])
  })

  it('says nothing where all is well', () => {
    for (const operation of ['get', 'set', 'versions', 'bump'] as const) log.succeeded(operation)
    expect(events).to.deep.equal([])
  })

  it('counts but does not tell what has an event of its own, or says nothing of the next key', () => {
    log.failed('get', new UnreachableError('down'))
    log.failed('get', reply('WRONGTYPE x'))
    log.succeeded('get')
    expect(events).to.deep.equal([])
    expect(log.counts).to.deep.equal({ connection: 1, type: 1 })
  })

  it('hands out counts that do not change any more', () => {
    log.failed('get', new LateError('late'))
    const { counts } = log
    log.failed('get', new LateError('late'))
    expect([counts, log.counts]).to.deep.equal([{ timeout: 1 }, { timeout: 2 }])
  })
})

// The marker of an announced write: renewed while the writer lives, set again where it was lost, gone by itself when nobody renews it.
import { expect } from 'chai'
import { concreteParts, type Parts } from '../../../src/parts.ts'
import { ask, outcomes } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { expressHarness, overFrameworks, type Running } from '../middleware.ts'
import { starting } from '../starting.ts'
import { Announced, MARKER, TOKEN } from './announced.ts'

/** Short enough to see a marker end, in ms. */
const intentTimes = { life: 500, every: 100 }

overFrameworks('the marker of an announced write', (harness) => {
  const start = starting(harness)
  const startReader = starting(expressHarness)
  let redis: RedisServer
  let shop: Announced
  let writer: Running
  let reader: Running

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    shop = new Announced()
    reader = await startReader(shop.tell(), { redis: redis.url, ...unhurried })
    for (let i = 0; i < 2; i++) await ask(reader, '/strong')
    expect(outcomes(reader)).to.deep.equal(['miss', 'hit l1'])
  })
  after(() => redis.stop())

  async function begin(parts: Partial<Parts> = { intentTimes }) {
    writer = await start(shop.tell(), { redis: redis.url, parts, ...unhurried })
    const write = shop.lead()
    const written = ask(writer, '/value', { method: 'PUT' })
    await write.begun
    return { write, written }
  }
  const versionKey = () => redis.cli('GET', 'tiercache:v:value')
  const serverTime = async () => {
    const [seconds = '', micros = ''] = (await redis.cli('TIME')).split('\n')
    return Number(seconds) * 1e6 + Number(micros)
  }

  it('outlives its time while the handler runs', async () => {
    const { write, written } = await begin()
    const first = await versionKey()
    const until = Number(/:(\d+),/.exec(first)?.[1])
    await eventually(async () => expect(await serverTime()).to.be.above(until + 300_000), { within: 5_000, every: 50 })
    const later = await versionKey()
    expect(later).to.match(MARKER)
    // The same one: who holds it need not ask again.
    expect(MARKER.exec(later)?.[0]).to.equal(MARKER.exec(first)?.[0])
    const { headers } = await ask(reader, '/strong')
    expect(headers['cache-status']).to.contain('detail=write-intent')
    write.commit()
    write.finish()
    await written
    expect(await versionKey()).to.match(TOKEN)
    expect((await ask(reader, '/strong')).text).to.equal('v1')
  })

  it('goes by itself when nobody renews it, and leaves a token that nobody ever had', async () => {
    const before = await versionKey()
    const renewsNever: Parts['clock'] = {
      ...concreteParts.clock,
      after: (ms, action) => concreteParts.clock.after(ms === intentTimes.every ? 60_000 : ms, action),
    }
    const { write, written } = await begin({ intentTimes, clock: renewsNever })
    // As after a writer that died between its commit and its bump.
    write.commit()
    await eventually(async () => expect(await versionKey()).not.to.match(MARKER), { within: 5_000 })
    for (let i = 0; i < 2; i++) expect((await ask(reader, '/strong')).text).to.equal('v1')
    expect(outcomes(reader).at(-1)).to.equal('hit l1')
    expect(await versionKey())
      .to.match(TOKEN)
      .and.not.to.equal(before)
    write.finish()
    await written
  })

  for (const [what, lose] of [
    ['deleted', () => redis.cli('DEL', 'tiercache:v:value')],
    ['flushed', () => redis.cli('FLUSHALL')],
    ['overwritten', () => redis.cli('SET', 'tiercache:v:value', 'something else')],
    ['turned into another type', () => redis.cli('EVAL', luaList, '1', 'tiercache:v:value')],
  ] as const) {
    it(`that was ${what} comes back, and the write is seen`, async () => {
      const { write, written } = await begin()
      await lose()
      // Until then a reader may keep what is true: nothing was committed.
      expect((await ask(reader, '/strong')).text).to.equal('v0')
      await eventually(async () => expect(await versionKey()).to.match(MARKER), { within: 2_000 })
      write.commit()
      const { text, headers } = await ask(reader, '/strong')
      expect(text).to.equal('v1')
      expect(headers['cache-status']).to.contain('detail=write-intent')
      write.finish()
      await written
      expect(await versionKey()).to.match(TOKEN)
      for (let i = 0; i < 2; i++) expect((await ask(reader, '/strong')).text).to.equal('v1')
    })
  }

  it('that was lost and never came back does not keep the write from being seen', async () => {
    const { write, written } = await begin({ intentTimes: { life: 60_000, every: 60_000 } })
    await redis.cli('DEL', 'tiercache:v:value')
    for (let i = 0; i < 2; i++) await ask(reader, '/strong')
    expect(outcomes(reader).at(-1)).to.equal('hit l1')
    write.commit()
    write.finish()
    await written
    expect((await ask(reader, '/strong')).text).to.equal('v1')
  })
})

const luaList = `redis.call('DEL', KEYS[1]) return redis.call('RPUSH', KEYS[1], 'x')`

// `invalidate(…, { mode: 'intent' })`: from before its handler runs until it is settled, a write keeps everyone from keeping answers.
import { expect } from 'chai'
import { ask, outcomes, overPairs } from '../../support/apps.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import type { Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Announced, MARKER, TOKEN } from './announced.ts'

overPairs('an announced write', (firstHarness, secondHarness) => {
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
    writer = await firstHarness.start(shop.tell(), { redis: redis.url, ...unhurried })
    reader = await secondHarness.start(shop.tell(), { redis: redis.url, ...unhurried })
    for (const path of ['/value', '/strong']) for (let i = 0; i < 2; i++) await ask(reader, path)
    expect(outcomes(reader)).to.deep.equal(['miss', 'hit l1', 'miss', 'hit l1'])
    reader.events.length = 0
  })
  afterEach(() => Promise.all([writer.stop(), reader.stop()]))
  after(() => redis.stop())

  const put = (app = writer) => ask(app, '/value', { method: 'PUT' })
  const versionKey = () => redis.cli('GET', 'tiercache:v:value')

  /** The handler answers, nothing is kept, and the answer says why. */
  async function expectNothingKept(app: Running, path: string, text: string) {
    const { reads } = shop
    const { headers, text: answered } = await ask(app, path)
    expect(answered).to.equal(text)
    expect(shop.reads).to.equal(reads + 1)
    expect(headers['cache-status']).to.match(/tiercache-l1; fwd=miss; detail=write-intent$/)
    expect(headers['cache-status']).not.to.contain('stored')
    await eventually(() => {
      expect(eventsOf(app, 'run').at(-1)).to.deep.include({ stored: false, reason: 'write-intent' })
    })
  }

  /** An answer is made once and kept again. */
  async function expectKept(app: Running, path: string, text: string) {
    expect((await ask(app, path)).text).to.equal(text)
    expect((await ask(app, path)).text).to.equal(text)
    expect(outcomes(app).at(-1)).to.equal('hit l1')
  }

  it('lets nothing be kept while it is under way, in any process, and everything when it is over', async () => {
    const write = shop.lead()
    const written = put()
    await write.begun
    expect(await versionKey()).to.match(MARKER)
    for (const app of [reader, writer]) for (let i = 0; i < 2; i++) await expectNothingKept(app, '/strong', 'v0')
    // Who trusts the bus has heard of it a moment later.
    await eventually(() => expectNothingKept(reader, '/value', 'v0'), { within: 1_000 })
    write.commit()
    for (const app of [reader, writer])
      for (const path of ['/strong', '/value']) await expectNothingKept(app, path, 'v1')
    write.finish()
    expect((await written).status).to.equal(200)
    expect(await versionKey()).to.match(TOKEN)
    for (const app of [reader, writer]) await expectKept(app, '/strong', 'v1')
    await eventually(() => expectKept(reader, '/value', 'v1'), { within: 1_000 })
    expect(eventsOf(writer, 'bump').map(({ tags, applied }) => [tags, applied])).to.deep.equal([
      [['value'], 'everywhere'],
    ])
  })

  it('lets nobody wait for what another request reads: the write may be committed in between', async () => {
    const write = shop.lead()
    const written = put()
    await write.begun
    for (const app of [writer, reader]) {
      const gate = deferred<void>()
      shop.gate = gate.promise
      const { reads, value } = shop
      const former = ask(app, '/strong')
      await eventually(() => expect(shop.reads).to.equal(reads + 1))
      shop.value++
      const latter = ask(app, '/strong')
      await eventually(() => expect(shop.reads).to.equal(reads + 2))
      gate.resolve()
      expect([(await former).text, (await latter).text]).to.deep.equal([`v${value}`, `v${value + 1}`])
    }
    write.finish()
    await written
  })

  it('is not undone by one that is done before it', async () => {
    const [first, second] = [shop.lead(), shop.lead()]
    const former = put()
    await first.begun
    const latter = put(reader)
    await second.begun
    first.commit()
    first.finish()
    await former
    expect(await versionKey()).to.match(MARKER)
    for (const app of [reader, writer]) await expectNothingKept(app, '/strong', 'v1')
    second.commit()
    second.finish()
    await latter
    expect(await versionKey()).to.match(TOKEN)
    for (const app of [reader, writer]) await expectKept(app, '/strong', 'v2')
  })

  it('is not undone by one of its own process that is done before it', async () => {
    const writes = [shop.lead(), shop.lead(), shop.lead()]
    const answers = []
    for (const write of writes) {
      answers.push(put())
      await write.begun
    }
    // The last to come is the first to go.
    for (const [i, write] of [...writes.entries()].reverse()) {
      await expectNothingKept(reader, '/strong', `v${2 - i}`)
      write.commit()
      write.finish()
      await answers[i]
    }
    expect(await versionKey()).to.match(TOKEN)
    await expectKept(reader, '/strong', 'v3')
  })

  it('is not undone by a bump', async () => {
    const write = shop.lead()
    const written = put()
    await write.begun
    for (const app of [reader, writer]) {
      const before = await versionKey()
      expect(await app.cache.bump('value')).to.deep.equal({ applied: 'everywhere', journalled: false })
      expect(await versionKey())
        .to.match(MARKER)
        .and.not.to.equal(before)
      await expectNothingKept(reader, '/strong', 'v0')
    }
    write.commit()
    write.finish()
    await written
    expect(await versionKey()).to.match(TOKEN)
    await expectKept(reader, '/strong', 'v1')
  })

  it('keeps out what was being read when it was announced', async () => {
    await reader.cache.bump('value')
    const released = deferred()
    shop.gate = released.promise
    const { reads } = shop
    const former = ask(reader, '/strong')
    await eventually(() => expect(shop.reads).to.equal(reads + 1))
    const write = shop.lead()
    const written = put()
    await write.begun
    released.resolve()
    expect((await former).text).to.equal('v0')
    await expectNothingKept(reader, '/strong', 'v0')
    write.commit()
    write.finish()
    await written
    await expectKept(reader, '/strong', 'v1')
  })

  it('that needs no leading is seen by all strong readers at once, many times', async () => {
    for (let round = 1; round <= 8; round++) {
      const [app, other] = round % 2 === 0 ? [writer, reader] : [reader, writer]
      await expectKept(other, '/strong', `v${round - 1}`)
      expect((await put(app)).text).to.equal(`written ${round}`)
      for (const one of [other, app]) expect((await ask(one, '/strong')).text).to.equal(`v${round}`)
      // On the process of the write an answer never lags, whatever the bound.
      expect((await ask(app, '/value')).text).to.equal(`v${round}`)
    }
  })
})

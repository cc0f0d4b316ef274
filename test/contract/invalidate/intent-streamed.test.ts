// An announced write that answers while it still writes: it is announced until its last byte, and whoever reads after that sees it.
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { ask, outcomes } from '../../support/apps.ts'
import { getSlowly } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { type App, overFrameworks, type Running } from '../middleware.ts'
import { starting } from '../starting.ts'
import { Announced, MARKER, TOKEN } from './announced.ts'

overFrameworks('an announced write that streams its answer', (harness) => {
  const start = starting(harness)
  let redis: RedisServer
  let shop: Announced
  let app: Running
  let stream: PassThrough

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    shop = new Announced()
    stream = new PassThrough()
    const tell = (told: App) => {
      shop.tell()(told)
      told.write('get' as 'put', '/write', ['value', { mode: 'intent' }], () => ({
        headers: { 'Content-Type': 'text/plain' },
        body: stream,
      }))
    }
    app = await start(tell, { redis: redis.url, ...unhurried })
    for (let i = 0; i < 2; i++) await ask(app, '/strong')
    stream.write('begun, ')
  })
  after(() => redis.stop())

  const versionKey = () => redis.cli('GET', 'tiercache:v:value')

  it('keeps readers from keeping anything until its last byte', async () => {
    const writer = await getSlowly(app.port, '/write', { host: 'shop.test' })
    // Its first bytes are here; it has not committed yet.
    for (let i = 0; i < 2; i++) {
      const { text, headers } = await ask(app, '/strong')
      expect(text).to.equal('v0')
      expect(headers['cache-status']).to.contain('detail=write-intent')
    }
    expect(await versionKey()).to.match(MARKER)
    shop.value = 1
    stream.end('done')
    expect(String(await writer.read())).to.equal('begun, done')
    expect(await versionKey()).to.match(TOKEN)
    for (let i = 0; i < 2; i++) expect((await ask(app, '/strong')).text).to.equal('v1')
    expect(outcomes(app).at(-1)).to.equal('hit l1')
  })
})

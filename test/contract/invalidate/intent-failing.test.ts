// Announced writes that end badly: whatever became of them, readers are let in again, and what was committed is seen.
import { expect } from 'chai'
import { ask, outcomes } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { getAndLeave } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { type App, overFrameworks, type Reply, type Running } from '../middleware.ts'
import { starting } from '../starting.ts'
import { Announced, MARKER, TOKEN } from './announced.ts'

overFrameworks('an announced write that', (harness) => {
  const start = starting(harness)
  let redis: RedisServer
  let shop: Announced
  let app: Running

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    shop = new Announced()
    const tell = (told: App) => {
      shop.tell()(told)
      told.write('get' as 'put', '/write', ['value', { mode: 'intent' }], shop.write)
    }
    app = await start(tell, { redis: redis.url, ...unhurried })
    for (let i = 0; i < 2; i++) await ask(app, '/strong')
  })
  after(() => redis.stop())

  const versionKey = () => redis.cli('GET', 'tiercache:v:value')
  const free = () => eventually(async () => expect(await versionKey()).to.match(TOKEN))

  const ends: Readonly<Record<string, { end: Reply | Error; status: number }>> = {
    'is answered with 400': { end: { status: 400, body: 'no' }, status: 400 },
    'is answered with 404': { end: { status: 404, body: 'no' }, status: 404 },
    'is answered with 503': { end: { status: 503, body: 'no' }, status: 503 },
    throws: { end: new Error('broken'), status: 500 },
  }
  async function expectFreed(end: Reply | Error, status: number, commits: boolean) {
    const write = shop.lead()
    const written = ask(app, '/value', { method: 'PUT' })
    await write.begun
    expect(await versionKey()).to.match(MARKER)
    if (commits) write.commit()
    write.finish(end)
    expect((await written).status).to.equal(status)
    await free()
    for (let i = 0; i < 2; i++) expect((await ask(app, '/strong')).text).to.equal(commits ? 'v1' : 'v0')
    expect(outcomes(app).at(-1)).to.equal('hit l1')
  }

  for (const [what, { end, status }] of Object.entries(ends)) {
    it(`${what} lets readers in again`, () => expectFreed(end, status, false))
    it(`${what} although it committed lets readers in again`, () => expectFreed(end, status, true))
  }

  it('is answered without a body lets readers in again', async () => {
    const write = shop.lead()
    const written = ask(app, '/value', { method: 'PUT' })
    await write.begun
    write.commit()
    write.finish({ status: 204 })
    expect((await written).status).to.equal(204)
    expect(await versionKey()).to.match(TOKEN)
    expect((await ask(app, '/strong')).text).to.equal('v1')
  })

  for (const [what, end] of [
    ['goes on without its client, and commits', { body: 'written' }],
    ['goes on without its client, and fails', new Error('broken')],
  ] as const) {
    it(`${what}, stays announced until it is done`, async () => {
      const write = shop.lead()
      const leave = getAndLeave(app.port, '/write', { host: 'shop.test' })
      await write.begun
      leave()
      // The server has seen the client leave.
      await eventually(async () => {
        const connections = await new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)))
        expect(connections).to.equal(0)
      })
      for (let i = 0; i < 2; i++) {
        const { headers } = await ask(app, '/strong')
        expect(headers['cache-status']).to.contain('detail=write-intent')
      }
      write.commit()
      write.finish(end)
      await free()
      for (let i = 0; i < 2; i++) expect((await ask(app, '/strong')).text).to.equal('v1')
      expect(outcomes(app).at(-1)).to.equal('hit l1')
    })
  }
})

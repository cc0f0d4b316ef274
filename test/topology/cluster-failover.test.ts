// A Redis Cluster loses a primary and its last writes: only what hangs on that shard dies, and nothing that was dead comes back.
import { expect } from 'chai'
import { Cluster } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { expressHarness, koaHarness, type Running } from '../contract/middleware.ts'
import { ask, storedKey } from '../support/apps.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { cutReplication } from '../support/replication.ts'
import { seenWithinBound } from './lag.ts'
import { PATIENT, Things } from './things.ts'
import { startTraffic } from './traffic.ts'

describe('over a Redis Cluster that changes', function () {
  this.timeout(60_000)
  const things = new Things()
  let cluster: RedisCluster
  let clients: readonly [Cluster, Cluster5]
  let apps: readonly [Running, Running]
  /** Waits for Redis as long as it takes: what it holds dies of nothing but its tokens. */
  let patient: Running
  /** Holds neither the tag of everything nor the route's own. */
  let shard: RedisServer

  before(async () => {
    cluster = await startCluster({ replicas: true })
    clients = [new Cluster(startup()), new Cluster5(startup())]
    for (const client of clients) client.on('error', () => {}) // the failover
    apps = [
      await expressHarness.start(things.tell, { redis: clients[0] }),
      await koaHarness.start(things.tell, { redis: clients[1] }),
    ]
    patient = await koaHarness.start(things.tell, { redis: clients[0], ...PATIENT })
    const common = await Promise.all(['*', 'things'].map((tag) => cluster.primaryOf(`tiercache:v:${tag}`)))
    shard = cluster.nodes.slice(0, 3).find((node) => !common.includes(node))!
  })
  after(async () => {
    await Promise.all([patient, ...apps].map((app) => app.stop()))
    for (const client of clients) client.disconnect()
    await cluster.stop()
  })

  const startup = () => cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))

  /** Things whose tags lie on that shard, or whose tags all lie on others. */
  async function idsOn(wanted: 'shard' | 'others', prefix: string, count: number): Promise<string[]> {
    const found: string[] = []
    for (let i = 0; found.length < count; i++) {
      const id = `${prefix}-${wanted}-${i}`
      const owner = await cluster.primaryOf(`tiercache:v:thing:${id}`)
      if ((owner === shard) === (wanted === 'shard')) found.push(id)
    }
    return found
  }

  /** Fills Redis and all memories. */
  async function fill(id: string) {
    await ask(patient, `/things/${id}`)
    const run = patient.events.findLast((event) => event.type === 'run')
    const key = `tiercache:e:${run?.type === 'run' ? run.key : ''}`
    await storedKey(patient, await cluster.primaryOf(key))
    for (const app of [patient, ...apps]) await things.warm(app, id)
  }

  /** Neither these applications nor one that begins now answers anything else. */
  async function expectOf(id: string, text: string) {
    const late = await expressHarness.start(things.tell, { redis: clients[0] })
    for (const app of [late, ...apps]) expect((await ask(app, `/things/${id}`)).text).to.equal(text)
    await late.stop()
  }

  /** A write on the first application is seen by the second within a second, and at once where that is promised. */
  async function written(id: string) {
    for (const app of apps) for (const route of ['things', 'strong']) await ask(app, `/${route}/${id}`)
    const text = await things.write(apps[0], id)
    const writtenAt = performance.now()
    for (const app of apps) expect((await ask(app, `/strong/${id}`)).text).to.equal(text)
    expect((await ask(apps[0], `/things/${id}`)).text).to.equal(text)
    await seenWithinBound(apps[1], `/things/${id}`, text, writtenAt)
  }

  for (const how of ['frozen', 'killed'] as const) {
    describe(`when a primary is ${how} whose replica lags`, () => {
      let lost: string
      let alive: readonly string[]
      let former: RedisServer

      // T57, T71
      it('requests are answered in time meanwhile, and soon from the promoted replica', async () => {
        ;[lost = ''] = await idsOn('shard', how, 1)
        alive = await idsOn('others', how, 3)
        for (const id of [lost, ...alive]) await fill(id)
        const key = `tiercache:v:thing:${lost}`
        const token = await shard.cli('GET', key)
        const letIn = await cutReplication(shard, await cluster.replicaOf(shard))
        await things.write(patient, lost)
        const path = (round: number) => `/things/${round % 3 === 0 ? alive[0] : `cold-${round % 50}`}`
        const traffic = apps.map((app) => startTraffic(app, path, '/plain'))
        former = shard
        shard = await cluster.failover(former, how)
        await Promise.all(apps.map((app) => things.sharing(app, lost)))
        await Promise.all(traffic.map((each) => each.stop()))
        // To the promoted one nothing ever happened.
        expect(await shard.cli('GET', key)).to.equal(token)
        await letIn()
      })

      // T57
      it('what the promoted replica never heard was invalidated stays dead', () => expectOf(lost, things.textOf(lost)))

      it('what hangs on other shards alone stays alive, in memory and in Redis', async () => {
        const late = await expressHarness.start(things.tell, { redis: clients[1], ...PATIENT })
        for (const id of alive) {
          expect(outcomeOf(await ask(patient, `/things/${id}`)), 'in memory').to.equal('hit l1')
          expect(outcomeOf(await ask(late, `/things/${id}`)), 'in Redis').to.equal('hit l2')
        }
        await late.stop()
      })

      it('a write is heard by the other process again, within a second, and when the former primary is back', async () => {
        for (const id of [lost, alive[0]!]) await written(id)
        await cluster.rejoin(former, how)
        for (const id of [lost, alive[0]!]) await written(id)
        await expectOf(lost, things.textOf(lost))
      })
    })
  }

  describe('when a slot moves to another primary', () => {
    it('requests are answered in time, and a write is heard before, meanwhile and after', async () => {
      const [id = ''] = await idsOn('others', 'moved', 1)
      const key = `tiercache:v:thing:${id}`
      const from = await cluster.primaryOf(key)
      await fill(id)
      await written(id)
      const traffic = apps.map((app) => startTraffic(app, (round) => `/things/${id}?round=${round}`, '/plain'))
      await cluster.moveSlot(await cluster.slotOf(key), from, shard, () => written(id))
      await written(id)
      await Promise.all(traffic.map((each) => each.stop()))
      await Promise.all(apps.map((app) => things.sharing(app, id)))
      await written(id)
      await expectOf(id, things.textOf(id))
    })
  })
})

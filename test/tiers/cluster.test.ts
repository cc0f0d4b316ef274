// On a Redis Cluster keys spread over all nodes, no command spans slots, and bumps reach every process.
import { expect } from 'chai'
import { Cluster } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { type App, expressHarness, koaHarness, type Running } from '../contract/middleware.ts'
import { ask, outcomes } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'

describe('on a Redis Cluster', () => {
  const versions: Record<string, number> = {}
  let cluster: RedisCluster
  let clients: readonly [Cluster, Cluster5]
  let apps: readonly [Running, Running]

  const tell = (app: App) => {
    app.read('/things/:id', ({ params }) => ({ body: `${params.id} v${versions[params.id!] ?? 0}` }), '1m', {
      tags: ({ params }) => `thing:${params.id}`,
    })
    app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], ({ params }) => {
      versions[params.id!] = (versions[params.id!] ?? 0) + 1
      return { body: 'ok' }
    })
  }

  before(async function () {
    this.timeout(30_000)
    cluster = await startCluster()
    const [node] = cluster.nodes
    const startup = [{ host: '127.0.0.1', port: node!.port }]
    clients = [
      new Cluster(startup, { keyPrefix: 'pre:' }),
      new Cluster5(startup, { redisOptions: { keyPrefix: 'pre:' } }),
    ]
    apps = [
      await expressHarness.start(tell, { redis: clients[0] }),
      await koaHarness.start(tell, { redis: clients[1] }),
    ]
  })
  after(async () => {
    await Promise.all(apps.map((app) => app.stop()))
    for (const client of clients) client.disconnect()
    await cluster.stop()
  })

  const ids = Array.from({ length: 20 }, (_, i) => `${i}`)
  const keysOf = async (pattern: string) => {
    const all = cluster.nodes.map((node) => node.cli('KEYS', pattern))
    return (await Promise.all(all)).map((keys) => keys.split('\n').filter((key) => key !== ''))
  }

  it('every process hears the bus of every primary', async () => {
    await eventually(async () => {
      const answers = cluster.nodes.map((node) => node.cli('PUBSUB', 'NUMSUB', 'pre:tiercache:bus'))
      const counts = (await Promise.all(answers)).map((answer) => Number(answer.split('\n')[1]))
      expect(counts).to.deep.equal([2, 2, 2])
    })
  })

  it('the other process answers from it what the first one stored, from every node', async () => {
    const [first, second] = apps
    await eventually(async () => {
      for (const id of ids) await ask(first, `/things/${id}`)
      const entries = await keysOf('pre:tiercache:e:*')
      expect(entries.flat()).to.have.length(ids.length)
      for (const keys of entries) expect(keys).not.to.have.length(0)
    })
    for (const id of ids) expect((await ask(second, `/things/${id}`)).text).to.equal(`${id} v0`)
    expect(outcomes(second)).to.deep.equal(Array(ids.length).fill('hit l2'))
  })

  it('a write on one process is seen by its own client at once and by the other process within a second', async () => {
    const [first, second] = apps
    for (const app of apps) await ask(app, '/things/1')
    await ask(first, '/things/1', { method: 'PUT' })
    expect((await ask(first, '/things/1')).text).to.equal('1 v1')
    await eventually(async () => expect((await ask(second, '/things/1')).text).to.equal('1 v1'), { within: 1_000 })
    await ask(second, '/things/2', { method: 'PUT' })
    expect((await ask(second, '/things/2')).text).to.equal('2 v1')
    await eventually(async () => expect((await ask(first, '/things/2')).text).to.equal('2 v1'), { within: 1_000 })
  })

  // T60
  it('a bump that one node confirmed too late is told again, and the other process sees it', async () => {
    const [first, second] = apps
    await ask(second, '/things/3')
    versions['3'] = 10
    await Promise.all(cluster.nodes.map((node) => node.freeze()))
    const result = await first.cache.bump('thing:3')
    for (const node of cluster.nodes) node.thaw()
    expect(result).to.deep.equal({ applied: 'locally', journalled: true })
    expect((await ask(first, '/things/3')).text).to.equal('3 v10')
    await eventually(async () => expect((await ask(second, '/things/3')).text).to.equal('3 v10'), { within: 3_000 })
    // Once told, its answers are shared again.
    await eventually(
      async () => {
        const answer = await ask(first, '/things/3', { headers: { host: `${Math.random()}.test` } })
        expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
      },
      { within: 3_000, every: 50 },
    )
  })

  // T68
  it('no command spans slots', async () => {
    await apps[0].cache.bump(...ids.map((id) => `thing:${id}`), '*')
    await eventually(async () => {
      await ask(apps[1], '/things/4')
      expect(outcomes(apps[1]).at(-1)).to.equal('miss')
    })
    for (const node of cluster.nodes) expect(await node.cli('INFO', 'errorstats')).not.to.contain('CROSSSLOT')
    for (const { events } of apps) {
      expect(events.filter((event) => event.type === 'trouble' && /CROSSSLOT/.test(event.message))).to.deep.equal([])
    }
  })

  // T71
  it('requests go on while a node is dead, and find the cluster again when it is back', async function () {
    this.timeout(30_000)
    const [, , lost] = cluster.nodes
    await lost!.kill()
    for (const id of ids) expect((await ask(apps[0], `/things/${id}`)).status).to.equal(200)
    await lost!.start()
    await eventually(
      async () => {
        for (const id of ids) {
          const answer = await ask(apps[0], `/things/${id}`, { headers: { host: `${Math.random()}.test` } })
          expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
        }
      },
      { within: 15_000, every: 100 },
    )
  })

  it('the clients that the user gave stay open and as they were', async () => {
    expect(clients.map(({ status }) => status)).to.deep.equal(['ready', 'ready'])
    await apps[0].stop()
    await clients[0].set('a', 'b')
    expect(await clients[0].get('a')).to.equal('b')
  })
})

// On a Redis Cluster each primary is listened to by itself: one that cannot be heard holds up no answer longer than the bound.
import { expect } from 'chai'
import { Cluster } from 'ioredis'
import { expressHarness, koaHarness, type Running } from '../contract/middleware.ts'
import { ask, changes } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { type RoleProxy, startRoleProxy } from '../support/role-proxy.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { seenWithinBound } from './lag.ts'
import { PATIENT, Things } from './things.ts'

// T59
describe('the bus of a Redis Cluster', function () {
  this.timeout(60_000)
  const things = new Things()
  /** Between the nodes, on their own bus. */
  const between: TcpProxy[] = []
  /** Between the nodes and the process that will not hear. */
  const doors = new Map<RedisServer, RoleProxy>()
  let cluster: RedisCluster
  let clients: readonly Cluster[]
  let writer: Running
  let deaf: Running

  before(async () => {
    cluster = await startCluster({
      async reachBus(port) {
        const proxy = await startProxy(port)
        between.push(proxy)
        return proxy.port
      },
    })
    for (const node of cluster.nodes) doors.set(node, await startRoleProxy(node.port))
    const at = (port: number) => ({ host: '127.0.0.1', port })
    const natMap = Object.fromEntries([...doors].map(([node, { port }]) => [`127.0.0.1:${node.port}`, at(port)]))
    clients = [new Cluster(cluster.nodes.map(({ port }) => at(port))), new Cluster(Object.values(natMap), { natMap })]
    writer = await expressHarness.start(things.tell, { redis: clients[0]!, ...PATIENT })
    deaf = await koaHarness.start(things.tell, { redis: clients[1]!, ...PATIENT })
  })
  after(async () => {
    await Promise.all([writer.stop(), deaf.stop()])
    for (const client of clients) client.disconnect()
    for (const proxy of doors.values()) proxy.stop()
    await Promise.all(between.map((proxy) => proxy.stop()))
    await cluster.stop()
  })

  /** A thing whose tag lies on this node. */
  async function idOn(node: RedisServer): Promise<string> {
    for (let i = 0; ; i++) {
      const id = `${node.port}-${i}`
      if ((await cluster.primaryOf(`tiercache:v:thing:${id}`)) === node) return id
    }
  }

  /** Resolves once both processes listen to every primary. */
  const heardEverywhere = () =>
    eventually(
      async () => {
        const counts = await Promise.all(cluster.nodes.map((node) => node.cli('PUBSUB', 'NUMSUB', 'tiercache:bus')))
        expect(counts).to.deep.equal(cluster.nodes.map(() => 'tiercache:bus\n2'))
      },
      { within: 5_000, every: 20 },
    )

  it('is listened to at every primary, by each process once', heardEverywhere)

  it('carries a write to the other process whichever primary holds its tag', async () => {
    for (const node of cluster.nodes) {
      const id = await idOn(node)
      await things.warm(deaf, id)
      await seenWithinBound(deaf, `/things/${id}`, await things.write(writer, id))
    }
  })

  it('holds up no answer longer than the bound, and no strong one, when a primary is not heard, neither from itself nor through the others', async () => {
    for (const node of cluster.nodes) {
      const id = await idOn(node)
      await heardEverywhere()
      await things.warm(deaf, id)
      await ask(deaf, `/strong/${id}`)
      for (const proxy of between) await proxy.set('drop')
      doors.get(node)!.silenceSubscribers()
      const text = await things.write(writer, id)
      const bumpedAt = performance.now()
      expect((await ask(deaf, `/strong/${id}`)).text).to.equal(text)
      await seenWithinBound(deaf, `/things/${id}`, text, bumpedAt)
      for (const proxy of between) await proxy.set('pass')
    }
  })

  it('is made anew where it died without a word, and heard again', async () => {
    await heardEverywhere()
    await eventually(() => expect(changes(deaf).at(-1)).to.equal('redis up'))
    for (const node of cluster.nodes) {
      const id = await idOn(node)
      await things.warm(deaf, id)
      await seenWithinBound(deaf, `/things/${id}`, await things.write(writer, id))
    }
  })
})

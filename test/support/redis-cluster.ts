// Starts a Redis Cluster of three primaries, each with a replica if wanted, whose shards can be lost and whose slots can be moved.
import { assertPromoted, assertWhole, clusterView } from './cluster-view.ts'
import { freePort } from './free-port.ts'
import { eventually } from './gate.ts'
import { type RedisServer, SYNC_AT_ONCE, startRedis } from './redis-server.ts'
import { assertInStep } from './replication.ts'

const SLOTS = 16_384
const SIZE = 3

/** Where a node listens for the others, seen from its own port. */
const BUS_OFFSET = 10_000

/** A node counts as lost after two seconds, and its replica takes over without waiting for anything else. */
const ARGS = [
  ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'],
  ...['--cluster-replica-validity-factor', '0', ...SYNC_AT_ONCE],
]

/** How the nodes are started. */
export interface ClusterOptions {
  /** More options of redis-server. @default [] */
  readonly args?: readonly string[]
  /** Gives each primary a replica. @default false */
  readonly replicas?: boolean
  /** Resolves to the port on which the other nodes reach the one whose bus is at `busPort`. @default the same */
  readonly reachBus?: (busPort: number) => Promise<number>
}

/** A running cluster. */
export class RedisCluster {
  /** The first three were the primaries at the start, the others their replicas in the same order. */
  readonly nodes: readonly RedisServer[]

  constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes
  }

  get urls(): readonly string[] {
    return this.nodes.map((node) => node.url)
  }

  /** Resolves to the primary that now holds the key's slot. */
  async primaryOf(key: string): Promise<RedisServer> {
    const slot = await this.slotOf(key)
    const port = (await this.#view()).find((node) => node.owns(slot))?.port
    return this.#at(port)
  }

  async slotOf(key: string): Promise<number> {
    return Number(await (await this.#anyNode()).cli('CLUSTER', 'KEYSLOT', key))
  }

  /** Resolves to the replica that follows this primary now. */
  async replicaOf(primary: RedisServer): Promise<RedisServer> {
    const view = await this.#view()
    const id = view.find((node) => node.port === primary.port)?.id
    return this.#at(view.find((node) => node.follows === id && !node.failed)?.port)
  }

  /** Takes a primary away and resolves when its replica has taken its place in the eyes of every other node. */
  async failover(primary: RedisServer, how: 'killed' | 'frozen'): Promise<RedisServer> {
    const promoted = await this.replicaOf(primary)
    if (how === 'killed') await primary.kill()
    else await primary.freeze()
    const lives = this.nodes.filter((node) => node !== primary)
    await eventually(() => Promise.all(lives.map((node) => assertPromoted(node, promoted))), {
      within: 20_000,
      every: 20,
    })
    return promoted
  }

  /** Brings back what was taken away, and resolves when it is a replica in step with the one that replaced it. */
  async rejoin(node: RedisServer, how: 'killed' | 'frozen'): Promise<void> {
    if (how === 'killed') await node.start()
    else node.thaw()
    await eventually(() => assertInStep(node), { within: 20_000, every: 20 })
    await eventually(() => Promise.all(this.nodes.map((witness) => assertWhole(witness, SIZE, this.nodes.length))), {
      within: 20_000,
      every: 20,
    })
  }

  /**
   * Moves a slot with all its keys to another primary, as `redis-cli --cluster reshard` does.
   *
   * @param halfWay waited for when the keys have moved and the slot has not
   */
  async moveSlot(
    slot: number,
    from: RedisServer,
    to: RedisServer,
    halfWay: () => Promise<unknown> = async () => {},
  ): Promise<void> {
    const [source, target] = await Promise.all([from, to].map((node) => node.cli('CLUSTER', 'MYID')))
    await to.cli('CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', source!)
    await from.cli('CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', target!)
    await moveKeys(slot, from, to)
    await halfWay()
    await moveKeys(slot, from, to)
    for (const node of [to, from]) await node.cli('CLUSTER', 'SETSLOT', `${slot}`, 'NODE', target!)
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }

  async #view() {
    return clusterView(await this.#anyNode())
  }

  /** One that lives. */
  async #anyNode(): Promise<RedisServer> {
    return Promise.any(this.nodes.map((node) => node.cli('PING').then(() => node)))
  }

  #at(port: number | undefined): RedisServer {
    const node = this.nodes.find((one) => one.port === port)
    if (node === undefined) throw new Error(`No node of ours is at port ${port}`)
    return node
  }
}

/** Starts the nodes, shares the slots among the primaries and resolves when every node says that the cluster is whole. */
export async function startCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const { args = [], replicas = false, reachBus = async (busPort) => busPort } = options
  const buses = new Map<RedisServer, number>()
  const start = async () => {
    const port = await freePort()
    const bus = await reachBus(port + BUS_OFFSET)
    const node = await startRedis({ port, args: [...ARGS, '--cluster-announce-bus-port', `${bus}`, ...args] })
    buses.set(node, bus)
    return node
  }
  const started = await Promise.allSettled(Array.from({ length: replicas ? 2 * SIZE : SIZE }, start))
  const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const cluster = new RedisCluster(nodes)
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason
    await Promise.all(nodes.slice(0, SIZE).map(shareSlots))
    await introduce(nodes, buses)
    await Promise.all(nodes.slice(SIZE).map((replica, i) => follow(replica, nodes[i]!)))
    await eventually(() => Promise.all(nodes.map((node) => assertWhole(node, SIZE, nodes.length))), {
      within: 15_000,
      every: 50,
    })
    await eventually(() => Promise.all(nodes.slice(SIZE).map(assertInStep)), { within: 15_000, every: 50 })
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function moveKeys(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  for (;;) {
    const keys = (await from.cli('CLUSTER', 'GETKEYSINSLOT', `${slot}`, '100')).split('\n').filter((key) => key !== '')
    if (keys.length === 0) return
    await from.cli('MIGRATE', '127.0.0.1', `${to.port}`, '', '0', '5000', 'KEYS', ...keys)
  }
}

async function shareSlots(node: RedisServer, index: number): Promise<void> {
  const first = Math.ceil((SLOTS * index) / SIZE)
  const end = Math.ceil((SLOTS * (index + 1)) / SIZE)
  const slots = Array.from({ length: end - first }, (_, offset) => `${first + offset}`)
  await node.cli('CLUSTER', 'ADDSLOTS', ...slots)
  await node.cli('CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
}

async function introduce(
  [first, ...others]: readonly RedisServer[],
  buses: ReadonlyMap<RedisServer, number>,
): Promise<void> {
  for (const other of others) {
    await first?.cli('CLUSTER', 'MEET', '127.0.0.1', `${other.port}`, `${buses.get(other)}`)
  }
}

async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  const id = await primary.cli('CLUSTER', 'MYID')
  // Refused until the two have met.
  await eventually(() => replica.cli('CLUSTER', 'REPLICATE', id), { within: 10_000, every: 20 })
}

// Starts a primary, a replica and three sentinels that promote it by themselves.
import { eventually } from './gate.ts'
import { type RedisServer, SYNC_AT_ONCE, startRedis, startReplica } from './redis-server.ts'
import { assertInStep } from './replication.ts'

const NAME = 'main'
const QUORUM = 2

/**
 * Faster than any sensible deployment. Four publish periods and five ping periods must outlast a promotion, which takes up to a second,
 * and a busy machine must not miss pings for so long that a server counts as down.
 */
const HASTE = ['ping-period', '400', 'info-period', '500', 'ask-period', '100', 'publish-period', '500']

/** A running group. The two servers change their roles with each failover. */
export class SentinelGroup {
  readonly sentinels: readonly RedisServer[]
  #primary: RedisServer
  #replica: RedisServer

  constructor(primary: RedisServer, replica: RedisServer, sentinels: readonly RedisServer[]) {
    this.#primary = primary
    this.#replica = replica
    this.sentinels = sentinels
  }

  get primary(): RedisServer {
    return this.#primary
  }

  get replica(): RedisServer {
    return this.#replica
  }

  /** What ioredis is told. */
  get options(): { readonly sentinels: { host: string; port: number }[]; readonly name: string } {
    return { sentinels: this.sentinels.map(({ port }) => ({ host: '127.0.0.1', port })), name: NAME }
  }

  /** Resolves when the sentinels have made the replica the primary: because the present one is lost, or as they were told to. */
  async failover(how: 'killed' | 'frozen' | 'planned'): Promise<void> {
    const promoted = this.#replica
    if (how === 'killed') await this.#primary.kill()
    else if (how === 'frozen') await this.#primary.freeze()
    else await eventually(() => this.#order(promoted), { within: 20_000, every: 50 })
    await eventually(() => this.#agreeOn(promoted), { within: 20_000, every: 20 })
    this.#replica = this.#primary
    this.#primary = promoted
  }

  /** Starts the killed server again, empty, or thaws it; resolves when the sentinels have made it a replica in step with the primary. */
  async rejoin(how: 'killed' | 'frozen'): Promise<void> {
    if (how === 'killed') await this.#replica.start()
    else this.#replica.thaw()
    await eventually(() => assertInStep(this.#replica), { within: 20_000, every: 50 })
    await eventually(() => this.#agreeOn(this.#primary), { within: 20_000, every: 50 })
    await eventually(() => Promise.all(this.sentinels.map(assertReported)), { within: 20_000, every: 50 })
  }

  async stop(): Promise<void> {
    await Promise.all([this.#primary, this.#replica, ...this.sentinels].map((server) => server.stop()))
  }

  /** Orders the promotion until it has begun: one that the sentinels give up must be ordered anew. */
  async #order(promoted: RedisServer): Promise<void> {
    if ((await promoted.cli('ROLE')).startsWith('master')) return
    await this.sentinels[0]!.cli('SENTINEL', 'FAILOVER', NAME).catch(() => undefined)
    throw new Error('Not promoted yet')
  }

  async #agreeOn(server: RedisServer): Promise<void> {
    const role = await server.cli('ROLE')
    if (!role.startsWith('master')) throw new Error(`Not promoted yet:\n${role}`)
    for (const sentinel of this.sentinels) {
      const [, port] = (await sentinel.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)).split('\n')
      if (port !== `${server.port}`) throw new Error(`A sentinel still names ${port}, not ${server.port}`)
    }
  }
}

/** Starts a group and resolves when each sentinel knows the replica and the other sentinels. */
export async function startSentinels(): Promise<SentinelGroup> {
  const started: RedisServer[] = []
  const note = async (starting: Promise<RedisServer>) => {
    const server = await starting
    started.push(server)
    return server
  }
  try {
    const primary = await note(startRedis({ args: SYNC_AT_ONCE }))
    const replica = await note(startReplica(primary))
    const sentinels = await Promise.all([1, 2, 3].map(() => note(startSentinel(primary.port))))
    await eventually(() => Promise.all(sentinels.map(assertAcquainted)), { within: 20_000, every: 20 })
    return new SentinelGroup(primary, replica, sentinels)
  } catch (error) {
    await Promise.all(started.map((server) => server.stop()))
    throw error
  }
}

async function startSentinel(primaryPort: number): Promise<RedisServer> {
  const sentinel = await startRedis({
    args: ['--sentinel'],
    config: [
      `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} ${QUORUM}`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 3000`,
    ],
  })
  // Servers before 7 do not know it: they take a few seconds longer.
  await sentinel.cli('SENTINEL', 'DEBUG', ...HASTE).catch(() => undefined)
  return sentinel
}

/** Until they have all heard that it is a replica, they would make one of it again, just when it is promoted. */
async function assertReported(sentinel: RedisServer): Promise<void> {
  const lines = (await sentinel.cli('SENTINEL', 'REPLICAS', NAME)).split('\n')
  const role = lines[lines.indexOf('role-reported') + 1]
  if (role !== 'slave') throw new Error(`It was last reported as ${role}`)
}

async function assertAcquainted(sentinel: RedisServer): Promise<void> {
  const lines = (await sentinel.cli('SENTINEL', 'MASTER', NAME)).split('\n')
  const value = (field: string) => lines[lines.indexOf(field) + 1]
  const others = value('num-other-sentinels')
  const replicas = value('num-slaves')
  if (others !== '2' || replicas !== '1') throw new Error(`It knows ${others} sentinels and ${replicas} replicas`)
}

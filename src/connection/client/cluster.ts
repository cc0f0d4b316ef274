/** Our clients of a Redis Cluster: one that routes, and for the bus one connection per primary. */
import calculateSlot from 'cluster-key-slot'
import type { Clock } from '../../clock.ts'
import type { ClusterClient, OpenedClients, Primary, RedisClient } from './client.ts'
import { ours } from './settings.ts'

/** How long to wait for the next refresh of the slots, in ms. */
const REFRESH_PAUSE = 200

/** Opens our clients of a Cluster that the user gave. */
export function openCluster(source: ClusterClient, clock: Clock): OpenedClients {
  return new Cluster(duplicateCluster(source), clock)
}

/** A client of ours that sends each command where its key belongs. */
export function duplicateCluster(source: ClusterClient): ClusterClient {
  return source.duplicate([], {
    enableOfflineQueue: false,
    lazyConnect: false,
    keyPrefix: '',
    // A replica may lag: what it says of a version proves nothing.
    scaleReads: 'master',
    redisOptions: { ...source.options.redisOptions, ...ours },
  }) as ClusterClient
}

class Cluster implements OpenedClients {
  readonly cluster = true
  readonly commands: ClusterClient
  readonly #primaries = new Map<string, Primary>()
  readonly #clock: Clock
  #refreshedAt = Number.NEGATIVE_INFINITY

  constructor(commands: ClusterClient, clock: Clock) {
    this.commands = commands
    this.#clock = clock
  }

  primaries(): readonly Primary[] {
    const nodes = new Map(this.commands.nodes('master').map((node) => [addressOf(node), node]))
    for (const [name, { commands, subscriber }] of this.#primaries) {
      if (nodes.get(name) === commands) continue
      subscriber.disconnect()
      this.#primaries.delete(name)
    }
    for (const [name, commands] of nodes) {
      if (this.#primaries.has(name)) continue
      const subscriber = commands.duplicate({ ...ours, readOnly: false })
      this.#primaries.set(name, { name, commands, subscriber })
    }
    return [...this.#primaries.values()]
  }

  ownerOf(key: string): string | undefined {
    return this.commands.slots?.[calculateSlot(key)]?.[0]
  }

  moved(): void {
    const now = this.#clock.now()
    if (now - this.#refreshedAt < REFRESH_PAUSE) return
    this.#refreshedAt = now
    this.commands.refreshSlotsCache(() => undefined)
  }

  reconnect(): void {
    this.commands.disconnect(true)
    for (const { subscriber } of this.#primaries.values()) subscriber.disconnect(true)
  }

  close(): void {
    this.commands.disconnect()
    for (const { subscriber } of this.#primaries.values()) subscriber.disconnect()
  }
}

/** As ioredis names its nodes. */
function addressOf({ options }: RedisClient): string {
  return `${options.host}:${options.port}`
}

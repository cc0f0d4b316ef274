/** Opens the clients we own from whatever the user gave: a URL, plain options, an ioredis client or Cluster. */
import { createRequire } from 'node:module'
import type { Clock } from '../../clock.ts'
import { CacheConfigError } from '../../errors.ts'
import type { ClusterClient, OpenedClients, RedisClient } from './client.ts'
import { duplicateCluster, openCluster } from './cluster.ts'
import { ours } from './settings.ts'
import { assertSource, isClient, type RedisSource } from './source.ts'

/** The longest wait for a TCP connection, in ms, unless the user's client says otherwise. */
const CONNECT_TIMEOUT = 1_000

/** How long a connection to a replica is kept before the next is tried, in ms. */
const REPLICA_PATIENCE = 1_000

/** The name of the one primary. */
const ONLY = ''

/** Opens our clients; they connect by themselves, again and again. */
export function openClients(source: RedisSource, clock: Clock): OpenedClients {
  assertSource(source)
  if (isClient(source) && source.isCluster === true) return openCluster(source as ClusterClient, clock)
  const open = opener(source)
  const commands = open()
  const subscriber = open()
  const primaries = [{ name: ONLY, commands, subscriber }]
  let leftAt = Number.NEGATIVE_INFINITY
  return {
    commands,
    cluster: false,
    primaries: () => primaries,
    ownerOf: () => ONLY,
    // Another connection may lead to the new primary; a replica that stays one must not be stormed.
    moved() {
      if (clock.now() - leftAt < REPLICA_PATIENCE) return
      leftAt = clock.now()
      commands.disconnect(true)
      subscriber.disconnect(true)
    },
    reconnect() {
      commands.disconnect(true)
      subscriber.disconnect(true)
    },
    close() {
      commands.disconnect()
      subscriber.disconnect()
    },
  }
}

/** Opens one client of ours, for commands alone. It connects by itself, again and again. */
export function openClient(source: RedisSource): RedisClient {
  assertSource(source)
  if (isClient(source) && source.isCluster === true) return duplicateCluster(source as ClusterClient)
  return opener(source)()
}

/** One client for commands that need no bus. */
export interface CommandClient {
  readonly client: RedisClient
  /** Ends a connection of our own; a client that was given stays open. */
  close(): void
}

/**
 * The client that was given, itself; of a URL or options one of our own, connected with its first command. It queues commands while it
 * connects, and fails them where it cannot.
 */
export function openCommands(source: RedisSource): CommandClient {
  assertSource(source)
  if (isClient(source)) return { client: source, close: () => undefined }
  const client = opener(source, { ...ours, lazyConnect: true, enableOfflineQueue: true })()
  // What fails is told by the commands.
  client.on('error', () => undefined)
  return { client, close: () => client.disconnect() }
}

function opener(source: RedisSource, settings: object = ours): () => RedisClient {
  if (isClient(source)) return () => source.duplicate(settings)
  const { Redis } = loadClient()
  if (typeof source === 'string') return () => new Redis(source, { connectTimeout: CONNECT_TIMEOUT, ...settings })
  return () => new Redis({ connectTimeout: CONNECT_TIMEOUT, ...source, ...settings })
}

/** Loads the user's ioredis only where Redis is asked for, and without waiting, as `createCache` is synchronous. */
function loadClient(): { Redis: new (...args: unknown[]) => RedisClient } {
  try {
    return createRequire(import.meta.url)('ioredis') as { Redis: new (...args: unknown[]) => RedisClient }
  } catch (cause) {
    const error = new CacheConfigError(
      'redis-client-missing',
      '`redis` needs the package ioredis (5 or 6): npm install ioredis',
    )
    error.cause = cause
    throw error
  }
}

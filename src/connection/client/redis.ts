/** Opens the two clients we own from whatever the user gave: a URL, plain options, an ioredis client or Cluster. */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { CacheConfigError, expected } from '../../errors.ts'

/** The part of an ioredis 5 or 6 client (or Cluster) that we use. */
export interface RedisClient {
  readonly status: string
  readonly options: { readonly keyPrefix?: string; readonly redisOptions?: { readonly keyPrefix?: string } }
  readonly isCluster?: boolean
  on(event: string, listener: (...args: never[]) => void): unknown
  get(key: string): Promise<string | null>
  getBuffer(key: string): Promise<Buffer | null>
  pttl(key: string): Promise<number>
  set(key: string, value: string | Buffer, mode: 'PX', ms: number): Promise<unknown>
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  evalsha(sha: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  info(section: string): Promise<string>
  time(): Promise<readonly (number | string)[]>
  ping(): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  disconnect(reconnect?: boolean): void
  duplicate(...overrides: unknown[]): RedisClient
  nodes?(role: 'master'): RedisClient[]
}

/** What `createCache({ redis })` takes: a URL, ioredis options, or an ioredis `Redis` or `Cluster` (which is duplicated, never closed). */
export type RedisSource = string | object

/** The history of the data, and the server's clock in µs where there is one clock. */
export interface Vitals {
  readonly generation: string
  readonly serverTime: number | undefined
}

/** Both clients, and what is asked of them together. */
export interface OpenedClients {
  readonly commands: RedisClient
  readonly subscriber: RedisClient
  readonly cluster: boolean
  vitals(): Promise<Vitals>
  /** Tears both down and connects anew. */
  reconnect(): void
}

/**
 * An unanswered command must not be sent again on a new connection before the generation was checked there, and nothing may queue up
 * while the server is away.
 */
const ours = {
  lazyConnect: false,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // Nothing is lost by not waiting for a peer that does not answer: what was under way has its own deadline.
  disconnectTimeout: 100,
  keyPrefix: '',
  retryStrategy: (attempt: number) => Math.min(attempt * 25, 100),
  // A primary that became a replica: find the new primary.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
}

/** How long a connection to a replica is kept before the next is tried, in ms. */
const REPLICA_PATIENCE = 1_000

/** The generation of a server that does not name one. */
export const UNKNOWN_GENERATION = 'unknown'

/** The longest wait for a TCP connection, in ms, unless the user's client says otherwise. */
const CONNECT_TIMEOUT = 1_000

/**
 * The prefix that the user's client puts before keys: ours honour it.
 *
 * @throws CacheConfigError when `source` is nothing that can be connected to
 */
export function keyPrefixOf(source: RedisSource): string {
  assertSource(source)
  if (typeof source === 'string') return ''
  const options = isClient(source) ? source.options : (source as RedisClient['options'])
  return options.keyPrefix ?? options.redisOptions?.keyPrefix ?? ''
}

/** Opens both clients; they connect by themselves, again and again. */
export function openClients(source: RedisSource): OpenedClients {
  assertSource(source)
  const open = opener(source)
  const commands = open()
  const subscriber = open()
  const cluster = commands.isCluster === true
  let leftAt = Number.NEGATIVE_INFINITY
  // Another connection may lead to the new primary; a replica that stays one must not be stormed.
  const leaveReplica = () => {
    if (performance.now() - leftAt < REPLICA_PATIENCE) return
    leftAt = performance.now()
    commands.disconnect(true)
  }
  return {
    commands,
    subscriber,
    cluster,
    vitals: () => (cluster ? clusterVitals(commands) : serverVitals(commands, leaveReplica)),
    reconnect() {
      commands.disconnect(true)
      subscriber.disconnect(true)
    },
  }
}

async function serverVitals(client: RedisClient, leaveReplica: () => void): Promise<Vitals> {
  const [replication, time] = await Promise.all([
    unlessForbidden(client.info('replication')),
    unlessForbidden(client.time()),
  ])
  if (replication !== undefined && /^role:slave/m.test(replication)) {
    leaveReplica()
    throw new Error('READONLY connected to a replica')
  }
  const serverTime = time === undefined ? undefined : Number(time[0]) * 1_000_000 + Number(time[1])
  return { generation: replicationId(replication), serverTime }
}

/** Managed servers may forbid `INFO` or `TIME`: histories then cannot be told apart, and late tags wait for their second run. */
async function unlessForbidden<T>(reply: Promise<T>): Promise<T | undefined> {
  return reply.catch((error: Error) => {
    if (/^NOPERM|^ERR unknown command/.test(error.message)) return undefined
    throw error
  })
}

/** One name for the histories of all primaries together: a failover of one shard makes every entry a miss. */
async function clusterVitals(client: RedisClient): Promise<Vitals> {
  const replies = await Promise.all(
    (client.nodes?.('master') ?? []).map((node) => unlessForbidden(node.info('replication'))),
  )
  const ids = replies.map(replicationId).sort().join()
  return { generation: createHash('sha256').update(ids).digest('base64url').slice(0, 22), serverTime: undefined }
}

function replicationId(info: string | undefined): string {
  return /^master_replid:(\w+)/m.exec(info ?? '')?.[1] ?? UNKNOWN_GENERATION
}

function opener(source: RedisSource): () => RedisClient {
  if (isClient(source)) {
    if (source.isCluster === true)
      return () =>
        source.duplicate([], { enableOfflineQueue: false, lazyConnect: false, keyPrefix: '', redisOptions: ours })
    return () => source.duplicate(ours)
  }
  const { Redis } = loadClient()
  if (typeof source === 'string') return () => new Redis(source, { connectTimeout: CONNECT_TIMEOUT, ...ours })
  return () => new Redis({ connectTimeout: CONNECT_TIMEOUT, ...source, ...ours })
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

function isClient(source: unknown): source is RedisClient {
  return typeof source === 'object' && source !== null && 'duplicate' in source && 'getBuffer' in source
}

function assertSource(source: unknown): asserts source is RedisSource {
  const wanted = 'a redis:// or rediss:// URL, ioredis options, or an ioredis Redis or Cluster'
  if (typeof source === 'string') {
    const url = URL.canParse(source) ? new URL(source) : undefined
    if (url === undefined || !/^rediss?:\/\//.test(source))
      throw expected('invalid-redis', 'redis', wanted, withoutSecret(source))
    return
  }
  if (isClient(source)) return
  // A bag of options is a plain object; anything with methods is some other library's client.
  const plain = typeof source === 'object' && source !== null && Object.getPrototypeOf(source) === Object.prototype
  if (!plain || Object.values(source).length === 0 || isForeignClient(source)) {
    throw expected('invalid-redis', 'redis', wanted, source)
  }
}

/** What other libraries' clients have, and no bag of options. */
function isForeignClient(source: object): boolean {
  return ['sendCommand', 'duplicate', 'connect', 'get', 'set', 'del'].some(
    (name) => typeof Reflect.get(source, name) === 'function',
  )
}

/** An error message may end in a log: no passwords. */
function withoutSecret(url: string): string {
  return url.replace(/[^/@]*@/, '')
}

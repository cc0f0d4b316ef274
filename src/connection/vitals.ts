/** What a primary says of itself: the history of its data, its clock, and on a Cluster the epoch of the slots. */
import type { RedisClient } from './client/client.ts'

/** What changes rarely, and is asked with each pulse. */
export interface Pulse {
  /** The server's clock, in µs; undefined where `TIME` is forbidden. */
  readonly serverTime: number | undefined
  /** Changes when slots move; undefined without Cluster. */
  readonly epoch: string | undefined
}

/** The generation of a server that does not name one. */
export const UNKNOWN_GENERATION = 'unknown'

/** What a server is that should be a primary. */
export class NoPrimaryError extends Error {
  override readonly name = 'NoPrimaryError'
}

/**
 * The history of the server's data: its `master_replid`, or UNKNOWN_GENERATION where `INFO` is forbidden.
 *
 * @throws NoPrimaryError when the server is a replica
 */
export async function generationOf(client: RedisClient): Promise<string> {
  const replication = (await unlessForbidden(client.info('replication'))) ?? ''
  if (/^role:slave/m.test(replication)) throw new NoPrimaryError('READONLY connected to a replica')
  return /^master_replid:(\w+)/m.exec(replication)?.[1] ?? UNKNOWN_GENERATION
}

/** Its clock and, on a Cluster, the epoch of its slots. */
export async function pulseOf(client: RedisClient, cluster: boolean): Promise<Pulse> {
  const [time, shape] = await Promise.all([
    unlessForbidden(client.time()),
    cluster ? unlessForbidden((client as { cluster?(question: 'INFO'): Promise<string> }).cluster!('INFO')) : undefined,
  ])
  return {
    serverTime: time === undefined ? undefined : Number(time[0]) * 1_000_000 + Number(time[1]),
    epoch: shape?.match(/^cluster_(?:current|my)_epoch:\d+/gm)?.join(),
  }
}

/** Managed servers may forbid what only tells more: histories then cannot be told apart, and late tags wait for their second run. */
async function unlessForbidden<T>(reply: Promise<T>): Promise<T | undefined> {
  return reply.catch((error: Error) => {
    if (/^NOPERM|^ERR unknown command/.test(error.message)) return undefined
    throw error
  })
}

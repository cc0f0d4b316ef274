// What one node of a Redis Cluster knows of all of them, and whether that is what it should know.
import type { RedisServer } from './redis-server.ts'

/** A node as another one sees it. */
export interface SeenNode {
  readonly id: string
  readonly port: number
  /** The id of its primary; undefined for a primary. */
  readonly follows: string | undefined
  readonly failed: boolean
  owns(slot: number): boolean
}

/** Resolves to the nodes that this one knows. */
export async function clusterView(witness: RedisServer): Promise<readonly SeenNode[]> {
  const lines = (await witness.cli('CLUSTER', 'NODES')).split('\n').filter((line) => line !== '')
  return lines.map(seenNode)
}

/** A line is `id ip:port@busport flags primary pinged ponged epoch link slots…`. */
function seenNode(line: string): SeenNode {
  const [id = '', address = '', flags = '', follows = '-', , , , , ...slots] = line.split(' ')
  const ranges = slots.filter((slot) => !slot.startsWith('[')).map((slot) => slot.split('-').map(Number))
  return {
    id,
    port: Number(/:(\d+)/.exec(address)?.[1]),
    follows: follows === '-' ? undefined : follows,
    failed: flags.split(',').includes('fail'),
    owns: (slot) => ranges.some(([first = 0, last = first]) => first <= slot && slot <= last),
  }
}

/** Rejects unless the node serves and knows so many primaries among so many nodes. */
export async function assertWhole(node: RedisServer, primaries: number, size: number): Promise<void> {
  const info = await node.cli('CLUSTER', 'INFO')
  const whole = ['cluster_state:ok', `cluster_size:${primaries}`, `cluster_known_nodes:${size}`]
  if (!whole.every((line) => info.includes(line))) throw new Error(`Not a whole cluster yet:\n${info}`)
  const followed = (await clusterView(node)).filter(({ follows }) => follows !== undefined)
  if (followed.length !== size - primaries) throw new Error(`It knows of ${followed.length} replicas`)
}

/** Rejects unless the witness serves, with that node as a primary. */
export async function assertPromoted(witness: RedisServer, promoted: RedisServer): Promise<void> {
  const seen = (await clusterView(witness)).find(({ port }) => port === promoted.port)
  if (seen === undefined || seen.follows !== undefined) throw new Error(`${witness.port} does not know of it yet`)
  const info = await witness.cli('CLUSTER', 'INFO')
  if (!info.includes('cluster_state:ok')) throw new Error(`${witness.port} does not serve:\n${info}`)
}

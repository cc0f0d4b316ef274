// What one node of a Redis Cluster knows of all of them.
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

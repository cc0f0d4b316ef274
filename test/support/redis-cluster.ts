// Starts a Redis Cluster of three primaries.
import { eventually } from './gate.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

const SLOTS = 16_384
const SIZE = 3

/** A running cluster. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  readonly urls: readonly string[]
  stop(): Promise<void>
}

/** Starts the nodes, shares the slots among them and resolves when every node says that the cluster is whole. */
export async function startCluster(): Promise<RedisCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  const nodes = await Promise.all(Array.from({ length: SIZE }, () => startRedis({ args })))
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  try {
    await Promise.all(nodes.map(shareSlots))
    await introduce(nodes)
    await eventually(() => Promise.all(nodes.map(assertWhole)), { within: 15_000, every: 50 })
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, urls: nodes.map((node) => node.url), stop }
}

async function shareSlots(node: RedisServer, index: number): Promise<void> {
  const first = Math.ceil((SLOTS * index) / SIZE)
  const end = Math.ceil((SLOTS * (index + 1)) / SIZE)
  const slots = Array.from({ length: end - first }, (_, offset) => `${first + offset}`)
  await node.cli('CLUSTER', 'ADDSLOTS', ...slots)
  await node.cli('CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`)
}

async function introduce([first, ...others]: readonly RedisServer[]): Promise<void> {
  for (const other of others) await first?.cli('CLUSTER', 'MEET', '127.0.0.1', `${other.port}`)
}

async function assertWhole(node: RedisServer): Promise<void> {
  const info = await node.cli('CLUSTER', 'INFO')
  const whole = info.includes('cluster_state:ok') && info.includes(`cluster_size:${SIZE}`)
  if (!whole) throw new Error(`Not a whole cluster yet:\n${info}`)
}

/** What a Bloom filter asks of its client besides the rest. */
import type { RedisClient } from '../../connection/client/client.ts'
import type { Script } from '../../connection/client/script.ts'

/** An ioredis client or Cluster of ours. */
export interface FilterClient extends RedisClient {
  call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>
}

/** Runs a script on keys of one slot, and teaches it to a server that does not know it. */
export async function runScript(
  client: FilterClient,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await client.call('EVALSHA', sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
    return client.call('EVAL', text, keys.length, ...keys, ...args)
  }
}

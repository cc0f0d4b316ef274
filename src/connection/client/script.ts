/** Lua scripts, run by their names. */
import { createHash } from 'node:crypto'
import type { RedisClient } from './client.ts'

/** A script and the name Redis knows it by. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** Names a script as Redis does. */
export function script(text: string): Script {
  return Object.freeze({ text, sha: createHash('sha1').update(text).digest('hex') })
}

/** Runs a script on one key, or on several of one slot, and teaches it to a server that does not know it (a restart forgets scripts). */
export async function evaluate(
  client: Pick<RedisClient, 'eval' | 'evalsha'>,
  { text, sha }: Script,
  key: string | readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const keys = typeof key === 'string' ? [key] : key
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
    return client.eval(text, keys.length, ...keys, ...args)
  }
}

// What a child process says next.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Resolves to the next message of a child; rejects when it ends first. */
export async function told<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const exit = () => ended.abort()
  child.once('exit', exit)
  try {
    const [message] = await once(child, 'message', { signal: ended.signal })
    return message as T
  } catch (cause) {
    throw new Error(`The process ended: ${child.spawnargs.join(' ')}`, { cause })
  } finally {
    child.off('exit', exit)
  }
}

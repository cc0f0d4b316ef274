// A connection whose primaries or messages are not what they should be.
import type { Connection, Shard } from '../../../src/connection/connection.ts'
import { concreteParts, type Parts } from '../../../src/parts.ts'
import { altered } from './altered.ts'

/** What is weakened of a connection. */
interface Changes {
  /** What takes the place of a primary. */
  readonly shard?: (shard: Shard) => Shard
  /** Hears a message, and may pass it on. */
  readonly message?: (text: string, pass: (text: string) => void, connection: Connection) => void
}

/** Weakens whatever the connection says. */
export function connectWith({
  shard = (same) => same,
  message = (text, pass) => pass(text),
}: Changes): Parts['connect'] {
  return (options) => {
    const connection = concreteParts.connect(options)
    const known = new WeakMap<Shard, Shard>()
    const weak = (primary: Shard) => {
      const changed = known.get(primary) ?? shard(primary)
      known.set(primary, changed)
      return changed
    }
    const weakened: Connection = altered(connection, {
      shardOf: (key) => weak(connection.shardOf(key)),
      watch: (hooks) =>
        connection.watch({
          opening: () => hooks.opening(),
          pulsed: () => hooks.pulsed(),
          generationChanged: (primary) => hooks.generationChanged(weak(primary)),
          message: (text) => message(text, (told) => hooks.message(told), weakened),
        }),
    })
    return weakened
  }
}

// The Redis that all processes share: one primary, with a replica where a fault needs one.
import { execFileSync } from 'node:child_process'
import { findRedisServer } from '../../../scripts/redis.mjs'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

/** A primary that may be replaced by its replica. */
export class RedisSite {
  #primary: RedisServer
  #replica: RedisServer | undefined

  private constructor(primary: RedisServer) {
    this.#primary = primary
  }

  static async start(): Promise<RedisSite> {
    return new RedisSite(await startRedis({ args: serverArgs() }))
  }

  get primary(): RedisServer {
    return this.#primary
  }

  /** Resolves to a replica that is in step, started now where there is none. */
  async replica(): Promise<RedisServer> {
    this.#replica ??= await startRedis({ args: [...serverArgs(), '--replicaof', '127.0.0.1', `${this.#primary.port}`] })
    const replica = this.#replica
    await eventually(
      async () => {
        const info = await replica.cli('INFO', 'replication')
        if (!info.includes('master_link_status:up')) throw new Error(`The replica does not follow:\n${info}`)
      },
      { within: 10_000, every: 20 },
    )
    return replica
  }

  /** Makes the replica the primary and ends the former one. Nobody may still reach that one. */
  async promote(): Promise<void> {
    const promoted = this.#replica!
    await promoted.cli('REPLICAOF', 'NO', 'ONE')
    await this.#primary.stop()
    this.#primary = promoted
    this.#replica = undefined
  }

  async stop(): Promise<void> {
    await this.#replica?.stop()
    await this.#primary.stop()
  }
}

/** A replica must be there at once; since Redis 7 `DEBUG` is to be asked for. */
function serverArgs(): string[] {
  const version = execFileSync(findRedisServer()!, ['--version'], { encoding: 'utf8' })
  const major = Number(/v=(\d+)/.exec(version)?.[1])
  return ['--repl-diskless-sync-delay', '0', ...(major >= 7 ? ['--enable-debug-command', 'local'] : [])]
}

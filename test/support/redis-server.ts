// Starts real Redis servers that a test may freeze, kill and restart.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedisServer } from '../../scripts/redis.mjs'
import { freePort } from './free-port.ts'
import { eventually } from './gate.ts'
import { guard } from './guard.ts'
import { ADMIN_ARGS, command, commandStats } from './redis-admin.ts'

/** What a primary is told, so that its replicas are in step soon. */
export const SYNC_AT_ONCE = ['--repl-diskless-sync-delay', '0']

/** A server on a port of its own, without persistence, that ends with the test process at the latest. */
export class RedisServer {
  readonly port: number
  readonly #args: readonly string[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'tiercache-redis-'))
  readonly #guard = guard(this.#folder)
  #process: ChildProcess | undefined

  /**
   * @param args more options of redis-server, such as `['--maxmemory', '1mb']`
   * @param config the lines of a file that the server reads, and may rewrite
   */
  constructor(port: number, args: readonly string[], config: readonly string[] = []) {
    this.port = port
    const file = join(this.#folder, 'redis.conf')
    if (config.length > 0) writeFileSync(file, `${config.join('\n')}\n`)
    this.#args = [
      ...(config.length > 0 ? [file] : []),
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      this.#folder,
      '--save',
      '',
      ...ADMIN_ARGS,
      ...args,
    ]
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** @throws {Error} when it does not run */
  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error('This redis-server does not run')
    return pid
  }

  /** Resolves when it answers PING, be it with an error such as NOAUTH. */
  async start(): Promise<void> {
    const binary = findRedisServer()
    if (binary === undefined) throw new Error('No redis-server on PATH: `npm test` installs it')
    const log = join(this.#folder, 'redis.log')
    const output = openSync(log, 'a')
    const child = spawn(binary, this.#args, { detached: true, stdio: ['ignore', output, output] })
    closeSync(output)
    await once(child, 'spawn')
    child.unref()
    this.#process = child
    this.#guard.watch(child.pid)
    child.once('exit', () => {
      this.#process = undefined
      this.#guard.watch(undefined)
    })
    const answer = () => (this.#process === undefined ? 'ended' : ping(this.port))
    const outcome = await eventually(answer, { within: 10_000 })
    if (outcome === 'ended') throw new Error(`redis-server ended:\n${readFileSync(log, 'utf8')}`)
  }

  /** Resolves when SIGSTOP has taken effect: connections stay open, nothing answers. */
  async freeze(): Promise<void> {
    const { pid } = this
    process.kill(pid, 'SIGSTOP')
    if (process.platform !== 'linux') return
    await eventually(() => {
      if (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) throw new Error('It still runs')
    })
  }

  /** Sends SIGCONT. */
  thaw(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  /** Resolves when SIGKILL has ended it; its port and folder stay for `restart()`. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    const exited = once(child, 'exit')
    child.ref()
    child.kill('SIGKILL')
    await exited
  }

  /** Starts it again on the same port, killed before if it still runs, and resolves when it answers. */
  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  /** Ends it for good and removes its folder. */
  async stop(): Promise<void> {
    await this.kill()
    await this.#guard.end()
  }

  /** Resolves to the answer to one command, sent as a user of our own who works whatever a test does to the others. */
  cli(...args: string[]): Promise<string> {
    return command(this.port, ...args)
  }

  /** Resolves to how often each command was called since the start or `resetStats()`: `{ get: 2, 'client|setname': 1 }`. */
  commandStats(): Promise<Record<string, number>> {
    return commandStats(this.port)
  }

  /** Forgets the counts of `commandStats()`. */
  async resetStats(): Promise<void> {
    await command(this.port, 'CONFIG', 'RESETSTAT')
  }
}

/**
 * Starts a server and resolves when it answers.
 *
 * @param options.args more options of redis-server, such as `['--maxmemory', '1mb']`
 * @param options.config the lines of a file that the server reads, and may rewrite
 * @param options.port a free port by default
 */
export async function startRedis(
  options: { args?: readonly string[]; config?: readonly string[]; port?: number } = {},
): Promise<RedisServer> {
  const server = new RedisServer(options.port ?? (await freePort()), options.args ?? [], options.config)
  try {
    await server.start()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Starts a replica and resolves when it is in step with its primary. Neither makes a replica wait for others. */
export async function startReplica(of: RedisServer): Promise<RedisServer> {
  await of.cli('CONFIG', 'SET', 'repl-diskless-sync-delay', '0')
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', `${of.port}`, ...SYNC_AT_ONCE] })
  await eventually(
    async () => {
      const info = await replica.cli('INFO', 'replication')
      if (!info.includes('master_link_status:up')) throw new Error(`The replica does not follow:\n${info}`)
    },
    { within: 10_000, every: 20 },
  )
  return replica
}

async function ping(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write('PING\r\n')
    const [reply] = await once(socket, 'data', { signal: AbortSignal.timeout(500) })
    if (`${reply}`.startsWith('-LOADING')) throw new Error(`${reply}`)
    return `${reply}`
  } finally {
    socket.destroy()
  }
}

// What one kind of pressure is played on: servers of one framework, a Redis where they share one, and the crowd before them.
import { eventually } from '../../test/support/gate.ts'
import { send } from '../../test/support/http-client.ts'
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts'
import { machineTime, shareOfMachine } from '../shared/machine.ts'
import { type Server, startServer } from '../shared/server.ts'
import { type Crowd, type Load, type Met, startCrowd } from './crowd.ts'

/** What is to be there. */
export interface Setting {
  readonly kind: 'cold' | 'fleet' | 'warm' | 'failing' | 'unstorable' | 'spell' | 'short-spell'
  readonly processes: number
  readonly redis: boolean
  /** Of all processes together. */
  readonly connections: number
  /** Milliseconds that the handler takes. */
  readonly delay: number
}

/** A load, and what it did to the servers. */
export interface Sample extends Met {
  /** Microseconds of the servers' CPU per request. */
  readonly cpu: number
  /** The share of the machine's time that went to neither servers nor crowd. */
  readonly others: number
  /** Runs of the handler behind the cache. */
  readonly runs: number
  /** Look-ups of entries in Redis, all processes together. */
  readonly lookUps: number
}

/** What is there. */
export class Stage {
  readonly #setting: Setting
  readonly #servers: readonly Server[]
  readonly #crowd: Crowd
  readonly #redis: RedisServer | undefined

  private constructor(setting: Setting, servers: readonly Server[], crowd: Crowd, redis: RedisServer | undefined) {
    this.#setting = setting
    this.#servers = servers
    this.#crowd = crowd
    this.#redis = redis
  }

  /** Starts everything; the servers run what was built into `folder`. */
  static async start(framework: string, setting: Setting, folder: string, nodeArgs: readonly string[]): Promise<Stage> {
    const redis = setting.redis ? await startRedis() : undefined
    // Each command is written down on the server, arguments and all.
    await redis?.cli('CONFIG', 'SET', 'slowlog-max-len', '100000')
    await redis?.cli('CONFIG', 'SET', 'slowlog-log-slower-than', '0')
    const args = [framework, setting.kind, folder, redis?.url ?? '']
    // One more, which no crowd asks: it fills what the others find.
    const count = setting.kind === 'warm' ? setting.processes + 1 : setting.processes
    const starting = Array.from({ length: count }, () => startServer('pressure.js', args, ['--expose-gc', ...nodeArgs]))
    try {
      const servers = await Promise.all(starting)
      const ports = servers.slice(0, setting.processes).map(({ port }) => port)
      return new Stage(setting, servers, await startCrowd(ports, setting.connections), redis)
    } catch (error) {
      for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') await one.value.stop()
      await redis?.stop()
      throw error
    }
  }

  /** Asks once, and tells what it cost. */
  async play(load: Load, delay = this.#setting.delay): Promise<Sample> {
    const { kind } = this.#setting
    await this.set({ delay })
    // The bare route stores nothing.
    if (kind === 'warm') for (const path of load.paths) if (path.startsWith('/cached')) await this.#fill(path)
    await this.#redis?.cli('SLOWLOG', 'RESET')
    const [machineBefore, before] = [machineTime(), await this.spent()]
    const met = await this.#crowd.ask(load)
    const [machineAfter, after] = [machineTime(), await this.spent()]
    const cpu = after.cpu - before.cpu
    const lookUps = await this.#lookUps()
    return {
      ...met,
      cpu: (cpu * 1_000) / met.requests,
      others: shareOfMachine(machineAfter - machineBefore - cpu - met.cpuTime, met.ms),
      runs: after.runs - before.runs,
      lookUps,
    }
  }

  /** Asks while others do something too. */
  ask(load: Load): Promise<Met> {
    return this.#crowd.ask(load)
  }

  /** Tells all servers how their handlers behave, and begins a new account of runs. */
  async set(state: object): Promise<void> {
    for (const server of this.#servers) await server.set(state)
  }

  /** All servers together. */
  async spent() {
    const spent = await Promise.all(this.#servers.map((server) => server.spent()))
    const sum = (field: 'cpu' | 'runs') => spent.reduce((total, one) => total + one[field], 0)
    return { cpu: sum('cpu'), runs: sum('runs'), starts: spent.map(({ starts }) => starts) }
  }

  async stop(): Promise<void> {
    await this.#crowd.stop()
    for (const server of this.#servers) await server.stop()
    await this.#redis?.stop()
  }

  /** Fills Redis through the process that no crowd asks. */
  async #fill(path: string): Promise<void> {
    await this.#redis?.cli('SLOWLOG', 'RESET')
    await send(this.#servers.at(-1)!.port, path, { headers: { host: 'shop.test' } })
    await eventually(async () => {
      if ((await this.#asked('set')) === 0) throw new Error(`${path} was not stored`)
    })
  }

  async #lookUps(): Promise<number> {
    return this.#redis === undefined ? 0 : this.#asked('get')
  }

  /** How often Redis was asked a command about an entry. */
  async #asked(command: string): Promise<number> {
    const log = (await this.#redis!.cli('SLOWLOG', 'GET', '-1')).split('\n')
    return log.filter((line, i) => line.toLowerCase() === command && log[i + 1]?.startsWith('tiercache:e:')).length
  }
}

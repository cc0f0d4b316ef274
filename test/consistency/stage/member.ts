// One place in the fleet: a real process that may be stopped where it stands, killed and started again.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { eventually } from '../../support/gate.ts'
import { now } from '../clock.ts'
import type { Instant, Interruption, Span } from '../history.ts'
import type { AppMessage, AppSettings } from './app-settings.ts'

/** One life of a process. */
export interface Life {
  readonly name: string
  readonly port: number
}

/** Is told of what happens to processes, and of what they say. */
export interface MemberLog {
  born(process: string, at: Instant): void
  /** A process that has just begun has not reached Redis yet. */
  outage(span: Span): void
  interrupted(interruption: Interruption): void
  bumped(write: number, applied: 'everywhere' | 'locally'): void
  /** What a handler answered to a request is kept under these versions. */
  kept(request: number, versions: string): void
  trouble(what: string): void
}

/** What all lives of a member have in common; `name` gets the number of the life behind it. */
export type MemberSettings = AppSettings

/** How long after Redis can be reached it may still count as lost: 1 s of the contract, and what a busy machine adds, in ms. */
export const RECONNECT = 1_500

/** How long a process may take to end, in ms. */
const PATIENCE = 5_000

const script = fileURLToPath(new URL('./app-process.ts', import.meta.url))

/** A place in the fleet and whoever fills it. */
export class Member {
  readonly #settings: MemberSettings
  readonly #log: MemberLog
  #child: ChildProcess | undefined
  #lives = 0
  /** Undefined while nobody listens. */
  life: Life | undefined

  constructor(settings: MemberSettings, log: MemberLog) {
    this.#settings = settings
    this.#log = log
  }

  get framework(): AppSettings['framework'] {
    return this.#settings.framework
  }

  /** Resolves when a new process listens. */
  async start(): Promise<void> {
    const name = `${this.#settings.name}${++this.#lives === 1 ? '' : `.${this.#lives}`}`
    const born = now()
    this.#log.born(name, born)
    const child = fork(script, [JSON.stringify({ ...this.#settings, name })], {
      execArgv: ['--import', 'tsx/esm', '--unhandled-rejections=strict'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child = child
    // Stopped or not, nothing of it outlives us.
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it listened`)))
      child.on('message', (message: AppMessage) => {
        if (message.type === 'listening') resolve(message.port)
        else if (message.type === 'kept') this.#log.kept(message.run, message.versions)
        else this.#log.bumped(message.write, message.applied)
      })
    })
    this.life = { name, port }
    child.once('exit', () => {
      if (this.life?.name !== name) return
      this.life = undefined
      this.#log.trouble(`${name} ended by itself`)
      void this.start()
    })
    this.#log.outage({ from: born, until: now() + RECONNECT })
  }

  /** Resolves when SIGSTOP has taken effect. */
  async freeze(): Promise<void> {
    this.#interrupted('paused')
    this.#child!.kill('SIGSTOP')
    if (process.platform !== 'linux') return
    await eventually(() => {
      if (!/^State:\tT/m.test(readFileSync(`/proc/${this.#child!.pid}/status`, 'utf8')))
        throw new Error('It still runs')
    })
  }

  /** Sends SIGCONT. */
  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Resolves when SIGKILL has ended the process. */
  async kill(): Promise<void> {
    const child = this.#child!
    this.#interrupted('killed')
    this.life = undefined
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Puts a new process in the place of one that answers no more. */
  async replace(life: Life): Promise<void> {
    if (this.life !== life) return
    await this.kill()
    await this.start()
  }

  /** Lets the process end by itself, or makes it; resolves to its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child
    this.life = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return 0
    const exited = once(child, 'exit')
    child.send('stop')
    const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    child.once('exit', () => clearTimeout(impatience))
    const [code] = (await exited) as [number | null]
    return code
  }

  #interrupted(kind: Interruption['kind']): void {
    this.#log.interrupted({ process: this.life!.name, kind, at: now() })
  }
}

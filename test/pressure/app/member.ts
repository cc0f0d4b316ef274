// Starts a process under pressure, and talks with it.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { now } from '../../consistency/clock.ts'
import { Clients } from '../load/clients.ts'
import type { AppCommand, AppMessage, AppSettings, Inspection, LoggedEvent } from './settings.ts'

const script = fileURLToPath(new URL('./app-process.ts', import.meta.url))

/** How long a process may take to end, in ms. */
const PATIENCE = 5_000

/** An event and when we heard of it, by `now()`. */
export interface Heard {
  readonly at: number
  readonly event: LoggedEvent
}

/** What a process tells while it runs. */
export interface MemberHooks {
  bumped?(write: number, applied: 'everywhere' | 'locally'): void
}

/** A process that listens. */
export class Member {
  readonly #child: ChildProcess
  readonly clients: Clients
  /** What an operator would have found in the log so far. */
  readonly logged: Heard[] = []
  #stopping = false
  /** It ended by itself. */
  ended = false

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.clients = new Clients(port)
    child.once('exit', () => {
      this.ended = !this.#stopping
    })
  }

  /** Resolves when it listens; it does not wait for Redis. */
  static async start(settings: AppSettings, hooks: MemberHooks = {}): Promise<Member> {
    const child = fork(script, [JSON.stringify(settings)], {
      execArgv: ['--import', 'tsx/esm'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    // Stopped or not, nothing of it outlives us.
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    const early: Heard[] = []
    let heard = early
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`A process ended with ${code} before it listened`)))
      child.on('message', (message: AppMessage) => {
        if (message.type === 'listening') resolve(message.port)
        else if (message.type === 'logged') heard.push({ at: now(), event: message.event })
        else if (message.type === 'bumped') hooks.bumped?.(message.write, message.applied)
      })
    })
    const member = new Member(child, port)
    member.logged.push(...early)
    heard = member.logged
    return member
  }

  /** Collects its garbage and tells what is left. It answers nothing else meanwhile. */
  async inspect(): Promise<Inspection> {
    for (;;) {
      const next = once(this.#child, 'message')
      this.#tell('inspect')
      const [message] = (await next) as [AppMessage]
      if (message.type === 'inspected') return message.inspection
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.clients.close()
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#tell('stop')
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE)
    await exited
    clearTimeout(impatience)
  }

  #tell(command: AppCommand): void {
    if (this.#child.connected) this.#child.send(command)
  }
}

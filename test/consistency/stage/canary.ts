// Asks Redis for a sign of life all the time: when the machine itself stalls, nobody is to blame for taking Redis for lost.
import { connect, type Socket } from 'node:net'
import { now, pause } from '../clock.ts'
import type { Span } from '../history.ts'

/** Between two questions, and how long an answer may take before it counts as a stall, in ms. */
const EVERY = 20
const STALL = 50

/** Watches Redis until it is told to stop. */
export class Canary {
  #socket: Socket | undefined
  #stopped = false
  #settle: (isAnswered: boolean) => void = () => {}

  /**
   * @param port of the Redis that counts at the moment
   * @param stalled is told when there was no answer for a while, from the question to the answer
   */
  constructor(port: () => number, stalled: (span: Span) => void) {
    void this.#watch(port, stalled)
  }

  stop(): void {
    this.#stopped = true
    this.#socket?.destroy()
  }

  async #watch(port: () => number, stalled: (span: Span) => void): Promise<void> {
    while (!this.#stopped) {
      const from = now()
      while (!this.#stopped && !(await this.#isAnswered(port()))) await pause(EVERY)
      if (now() - from > STALL) stalled({ from, until: now() })
      await pause(EVERY)
    }
  }

  #isAnswered(port: number): Promise<boolean> {
    const socket = this.#connected(port)
    return new Promise((resolve) => {
      this.#settle = resolve
      socket.write('PING\r\n')
    })
  }

  #connected(port: number): Socket {
    if (this.#socket !== undefined) return this.#socket
    const socket = connect(port, '127.0.0.1').setNoDelay()
    socket.on('data', () => this.#settle(true))
    socket.on('error', () => {}) // `close` follows
    socket.on('close', () => {
      this.#socket = undefined
      this.#settle(false)
    })
    this.#socket = socket
    return socket
  }
}

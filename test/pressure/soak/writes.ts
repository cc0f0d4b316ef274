// What became of each write: its answer comes over HTTP, the fate of its bump by the process itself, in either order.
import { now } from '../../consistency/clock.ts'
import { versionIn } from '../app/content.ts'
import type { Checker } from './checker.ts'

interface Write {
  readonly id: string
  readonly process: number
  version?: number
  everywhere?: boolean
}

/** Tells the checker of a write once both are known. */
export class Writes {
  readonly #checker: Checker
  readonly #pending = new Map<number, Write>()
  #last = 0

  constructor(checker: Checker) {
    this.#checker = checker
  }

  /** Returns the number of a write that is about to be sent. */
  begin(id: string, process: number): number {
    this.#pending.set(++this.#last, { id, process })
    return this.#last
  }

  answered(number: number, body: string): void {
    const write = this.#pending.get(number)!
    const version = versionIn(body, `/items/${write.id}`)
    // The answer of another write: whoever reads next will tell.
    if (version === undefined) this.failed(number)
    else this.#settle(number, Object.assign(write, { version }))
  }

  bumped(number: number, applied: 'everywhere' | 'locally'): void {
    const write = this.#pending.get(number)
    if (write !== undefined) this.#settle(number, Object.assign(write, { everywhere: applied === 'everywhere' }))
  }

  failed(number: number): void {
    this.#pending.delete(number)
  }

  #settle(number: number, { id, process, version, everywhere }: Write): void {
    if (version === undefined || everywhere === undefined) return
    this.#pending.delete(number)
    this.#checker.acknowledged(id, version, process, now(), everywhere)
  }
}

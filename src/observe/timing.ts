/** Interval timing for any code: marks along the way, a table of what cost most. */
import type { Interval } from './events.ts'

/** One mark: the time since the mark before, and since the start. Milliseconds, unrounded. */
export interface TimingEntry extends Interval {
  readonly cumulative: number
}

/** How a measurement is made and shown. */
export interface TimingOptions {
  /** Measure at all; off, every call is free. @default false */
  readonly enabled?: boolean | undefined
  /** Is given a line per mark, for a debug log. @default none */
  readonly marks?: ((line: string) => void) | undefined
  /** Is given the whole table by `end()`. @default none */
  readonly table?: ((text: string) => void) | undefined
  /** Reads the time, in milliseconds. @default performance.now */
  readonly now?: (() => number) | undefined
}

/** A running measurement. */
export interface Timing {
  readonly label: string
  /** Ends the interval since the last mark (or the start) under this name. */
  mark(name: string): void
  /** Every interval so far, in order. */
  readonly entries: readonly TimingEntry[]
  /** Label and columns interval / ms / cumulative ms, the most expensive first. */
  table(): string
  /** Hands the table to `options.table`. */
  end(): void
}

/**
 * Starts to measure.
 *
 * @example
 * const t = timing('import', { enabled: true, table: console.log })
 * const rows = await read(); t.mark('read')
 * await write(rows); t.mark('write')
 * t.end()
 */
export function timing(label: string, options: TimingOptions = {}): Timing {
  return options.enabled === true ? new RunningTiming(label, options) : idle(label)
}

/** A `Server-Timing` value (W3C Server Timing), or undefined when nothing was measured. */
export function serverTiming(intervals: readonly Interval[]): string | undefined {
  if (intervals.length === 0) return undefined
  return intervals.map(({ name, ms }) => `${name};dur=${ms.toFixed(2)}`).join(', ')
}

class RunningTiming implements Timing {
  readonly label: string
  readonly entries: TimingEntry[] = []
  readonly #options: TimingOptions
  readonly #now: () => number
  readonly #start: number
  #last: number

  constructor(label: string, options: TimingOptions) {
    this.label = label
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#start = this.#last = this.#now()
  }

  mark(name: string): void {
    const now = this.#now()
    const entry = { name, ms: now - this.#last, cumulative: now - this.#start }
    this.#last = now
    this.entries.push(entry)
    this.#options.marks?.(`${this.label} ${name} ${entry.ms.toFixed(2)} ms (${entry.cumulative.toFixed(2)} ms)`)
  }

  table(): string {
    const rows = [...this.entries].sort((a, b) => b.ms - a.ms)
    const cells = rows.map(({ name, ms, cumulative }) => [name, ms.toFixed(2), cumulative.toFixed(2)])
    const all = [['interval', 'ms', 'cumulative ms'], ...cells]
    const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)))
    return [this.label, ...all.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))].join(
      '\n',
    )
  }

  end(): void {
    this.#options.table?.(this.table())
  }
}

function idle(label: string): Timing {
  return { label, entries: [], mark: () => undefined, table: () => label, end: () => undefined }
}

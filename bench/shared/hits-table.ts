// The result of the hits benchmark, and the table of it that stands in the README.
import type { Spread } from './statistics.ts'

/** What was measured of one server. */
export interface Row {
  readonly name: string
  /** Requests per second. */
  readonly rate: Spread
  /** Microseconds of the server's CPU per request. */
  readonly cpu: Spread
  /** 99th percentile of latency, in ms. */
  readonly p99: Spread
  /** The share of its time that the server was on its core: 1 = nobody disturbed the measurement. */
  readonly busy: Spread
  readonly yardstick?: string | undefined
  readonly target?: number | undefined
  /** Requests per second as a share of the yardstick's, round by round. */
  readonly share?: Spread
  /** The same by CPU per request, which other programs on the machine disturb less. */
  readonly cpuShare?: Spread
}

/** A whole result. */
export interface Hits {
  readonly method: {
    readonly rounds: number
    readonly seconds: number
    readonly connections: number
    readonly bodyBytes: number
    readonly generator: string
    readonly pinned: boolean
    readonly cores: number
  }
  readonly versions: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
}

/** A Markdown table. */
export function hitsTable({ rows }: Hits): string {
  const cells = [
    ['server', 'requests/s', 'of bare (lowest–highest)', 'CPU per request', 'p99'],
    ...rows.map(({ name, rate, share, cpu, p99 }) => [
      name,
      thousands(rate.median),
      share === undefined
        ? ''
        : `**${share.median.toFixed(2)}** (${share.lowest.toFixed(2)}–${share.highest.toFixed(2)})`,
      `${cpu.median.toFixed(0)} µs`,
      `${p99.median.toFixed(1)} ms`,
    ]),
  ]
  const [head = [], ...body] = cells.map((row) => `| ${row.join(' | ')} |`)
  return [head, '| --- | ---: | ---: | ---: | ---: |', ...body].join('\n')
}

function thousands(value: number): string {
  return (Math.round(value / 100) * 100).toLocaleString('en-US')
}

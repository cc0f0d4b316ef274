// What was measured under one kind of pressure, and the table of all of it.
import type { Spread } from '../shared/statistics.ts'

/** A figure of both sides, and what share of the bare one the cached one is, round by round. */
interface Measure {
  readonly cached: Spread
  readonly bare: Spread
  readonly share: Spread
}

/** One thing that was asked, and what came of it. */
export interface Verdict {
  readonly asked: string
  readonly got: string
  readonly met: boolean
}

/** One kind of pressure on one framework; times in ms, CPU in µs per request. */
export interface Row {
  readonly name: string
  readonly framework: string
  readonly processes: number
  readonly connections: number
  readonly delay: number
  readonly requests: number
  readonly runs: Spread
  /** Of entries, in Redis. */
  readonly lookUps?: Spread | undefined
  readonly outcomes: Readonly<Record<string, number>>
  readonly statuses: Readonly<Record<string, number>>
  /** Where there is a bare route beside it. */
  readonly p50?: Measure
  readonly p99?: Measure
  readonly slowest?: Measure
  readonly cpu?: Measure
  /** What share of the machine's time other programs had meanwhile. */
  readonly others?: Spread
  readonly verdicts: readonly Verdict[]
}

/** A whole result. */
export interface Pressure {
  readonly method: Readonly<Record<string, number | boolean | string>>
  readonly versions: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
}

/** A Markdown table. */
export function pressureTable(rows: readonly Row[]): string {
  const cells = [
    ['pressure', 'requests', 'runs', 'GETs', 'p99', 'bare', 'of bare (lowest–highest)', 'by CPU', 'asked'],
    ...rows.map((row) => [
      `${row.framework}: ${row.name}`,
      row.requests.toLocaleString('en-US'),
      between(row.runs),
      row.lookUps === undefined ? '' : between(row.lookUps),
      row.p99 === undefined ? '' : `${row.p99.cached.median.toFixed(0)} ms`,
      row.p99 === undefined ? '' : `${row.p99.bare.median.toFixed(0)} ms`,
      row.p99 === undefined ? '' : sharing(row.p99.share),
      row.cpu === undefined ? '' : sharing(row.cpu.share),
      row.verdicts.map(({ asked, got, met }) => `${asked}: ${got}${met ? '' : ' **missed**'}`).join('; '),
    ]),
  ]
  const [head = [], ...body] = cells.map((row) => `| ${row.join(' | ')} |`)
  return [head, '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |', ...body].join('\n')
}

function sharing({ median, lowest, highest }: Spread): string {
  return `**${median.toFixed(2)}** (${lowest.toFixed(2)}–${highest.toFixed(2)})`
}

function between({ lowest, highest }: Spread): string {
  return lowest === highest ? `${lowest}` : `${lowest}–${highest}`
}

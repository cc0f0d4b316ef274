// What people read at the end: a line for each fault and framework, and what was broken.
import { table } from '../../consistency/table.ts'
import type { Measured } from './measured.ts'

const HEAD = [
  'fault',
  'requests',
  'failed',
  'p50',
  'p99',
  'p99 of control',
  'slowest',
  'slowest − control',
  'L1 throughput',
  'recovery',
  'heap',
  'events',
]

/** The table, for people and for Markdown. */
export function faultTable(all: readonly Measured[]): string {
  return table(HEAD, all.map(row))
}

function row(measured: Measured): string[] {
  const { fault, framework, requests, failed, p50, p99, controlP99, slowest, excess, throughput, recovery } = measured
  return [
    `${fault}, ${framework}`,
    requests.toLocaleString('en'),
    `${failed}`,
    ...[p50, p99, controlP99, slowest, excess].map(ms),
    throughput.toFixed(2),
    ms(recovery),
    measured.heap.toFixed(2),
    `${measured.events}`,
  ]
}

/** What was broken, a line for each; empty where all is well. */
export function verdictOf(all: readonly Measured[]): string[] {
  return all.flatMap(({ fault, framework, broken, load }) =>
    broken.map((what) => `${fault}, ${framework}: ${what} (load ${load.toFixed(1)})`),
  )
}

const ms = (duration: number) => `${duration.toFixed(duration < 100 ? 1 : 0)} ms`

// What came of one fault, and which bounds it broke.

import type { Heard } from '../app/member.ts'
import type { Inspection } from '../app/settings.ts'
import { median, quantile } from '../load/statistics.ts'
import type { Sample } from './traffic.ts'

/** Everything that was seen of one fault. */
export interface Seen {
  readonly fault: string
  readonly framework: string
  readonly app: readonly Sample[]
  readonly control: readonly Sample[]
  /** Hits from memory per second: before the fault and after it, on average, and during it. */
  readonly slices: readonly { readonly healthy: number; readonly during: number }[]
  /** Milliseconds each. */
  readonly recoveries: readonly number[]
  readonly before: Inspection
  /** At the end of the fault. */
  readonly during: Inspection
  readonly after: Inspection
  /** What listeners heard, for each time that the fault came and went. */
  readonly episodes: readonly (readonly Heard['event'][])[]
  /** Processes ended by themselves. */
  readonly crashed: boolean
  /** Processes that wait for a CPU, on average over the last minute: a busy machine makes everything late. */
  readonly load: number
}

/** A line of the table. */
export interface Measured {
  readonly fault: string
  readonly framework: string
  readonly requests: number
  readonly failed: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly controlP99: number
  readonly slowest: number
  /** Slowest of the application less slowest of the control, in ms. */
  readonly excess: number
  /** Hits from memory during the fault, of those without it. */
  readonly throughput: number
  /** The longest, in ms. */
  readonly recovery: number
  /** Heap after garbage collection, during the fault or after it, of that before. */
  readonly heap: number
  /** Of one coming and going of the fault, the most. */
  readonly events: number
  /** Of each coming and going, in order. */
  readonly episodes: readonly (readonly string[])[]
  readonly slices: Seen['slices']
  /** Events that told again what had been told. */
  readonly repeated: readonly string[]
  readonly unhandled: readonly string[]
  readonly load: number
  /** The bounds that were broken, one sentence each. */
  readonly broken: readonly string[]
}

/** What each fault must keep to. */
const BOUNDS = { excess: 150, throughput: 0.95, recovery: 1_000, heap: 1.1 } as const

/** What the heap may have grown whatever its size: code that ran for the first time, in bytes. */
const HEAP_SLACK = 3 * 2 ** 20

export function measure(seen: Seen): Measured {
  const { fault, framework, app, control, slices, recoveries, episodes, load } = seen
  const times = app.map(({ ms }) => ms)
  const controls = control.map(({ ms }) => ms)
  const slowest = quantile(times, 1)
  const numbers = {
    fault,
    framework,
    requests: app.length,
    failed: app.filter(({ failed }) => failed).length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    controlP99: quantile(controls, 0.99),
    slowest,
    excess: slowest - quantile(controls, 1),
    throughput: median(slices.map(({ healthy, during }) => during / healthy)),
    recovery: Math.max(...recoveries),
    heap: growth(seen),
    events: Math.max(...episodes.map(({ length }) => length)),
    episodes: episodes.map((episode) => episode.map(nameOf)),
    slices,
    repeated: episodes.flatMap(repeatedIn),
    unhandled: seen.after.unhandled,
    load,
  }
  return { ...numbers, broken: brokenBy(numbers, seen.crashed) }
}

/** The first of a kind tells a change; what tells the same again tells none. */
export function repeatedIn(episode: readonly Heard['event'][]): string[] {
  const names = episode.map(nameOf)
  return names.filter((name, i) => names.indexOf(name) < i)
}

function nameOf(event: Heard['event']): string {
  return event.type === 'redis' ? `redis ${event.state}` : `${event.operation} ${event.kind ?? 'ok'}`
}

function growth({ before, during, after }: Seen): number {
  return (Math.max(during.heap, after.heap) - HEAP_SLACK) / before.heap
}

type Numbers = Omit<Measured, 'broken'>

const rules: readonly (readonly [(numbers: Numbers) => boolean, (numbers: Numbers) => string])[] = [
  [({ requests }) => requests === 0, () => 'nothing was asked'],
  [({ failed }) => failed > 0, ({ failed }) => `${failed} requests failed`],
  [
    ({ excess }) => excess > BOUNDS.excess,
    ({ excess }) => `the slowest was ${excess.toFixed(0)} ms slower than the control's`,
  ],
  [
    ({ throughput }) => !(throughput >= BOUNDS.throughput),
    ({ throughput }) => `hits from memory fell to ${throughput.toFixed(2)}`,
  ],
  [({ recovery }) => recovery > BOUNDS.recovery, ({ recovery }) => `L2 came back after ${recovery.toFixed(0)} ms`],
  [({ heap }) => heap > BOUNDS.heap, ({ heap }) => `the heap grew to ${heap.toFixed(2)} of what it was`],
  [
    ({ repeated }) => repeated.length > 0,
    ({ repeated }) => `told more than once: ${[...new Set(repeated)].join(', ')}`,
  ],
  [({ unhandled }) => unhandled.length > 0, ({ unhandled }) => `unhandled rejections: ${unhandled.join(', ')}`],
]

function brokenBy(numbers: Numbers, crashed: boolean): string[] {
  const broken = rules.filter(([isBroken]) => isBroken(numbers)).map(([, tell]) => tell(numbers))
  return crashed ? [...broken, 'a process ended by itself'] : broken
}

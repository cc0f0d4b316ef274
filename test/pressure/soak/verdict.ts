// What is wrong with a soak as a whole: wrong answers, a heap that grew, work that never ended.
import type { Inspection } from '../app/settings.ts'

/** How one process fared. */
export interface Endurance {
  readonly name: string
  /** At minute 2, or after a fifth of a shorter soak; the heap is full of what it may hold. */
  readonly baseline: Inspection
  /** The last under load. */
  readonly last: Inspection
  /** When the load was over and what was in flight had time to land. */
  readonly end: Inspection
  readonly ended: boolean
}

/** What a soak came to. */
export interface Outcome {
  readonly reads: number
  readonly wrongs: number
  readonly shown: readonly string[]
  /** Requests that were due while too many waited. */
  readonly unsent: number
  readonly calm: number
  readonly calmDegraded: number
  readonly members: readonly Endurance[]
}

/** The heap may grow to so much of what it was. */
const HEAP_GROWTH = 1.1
/** Of the answers while nothing was broken so many may say that they were given without Redis: a busy machine can make it late. */
const CALM_DEGRADED = 0.01

/** One sentence for each bound that was broken. */
export function verdictOf({ reads, wrongs, shown, unsent, calm, calmDegraded, members }: Outcome): string[] {
  return [
    ...(reads === 0 ? ['nothing was asked'] : []),
    ...(wrongs === 0 ? [] : [`${wrongs} wrong answers, such as:`, ...shown]),
    ...(unsent === 0
      ? []
      : [`${unsent} requests were not sent: the processes did not keep up, so late answers say little`]),
    ...(calmDegraded > CALM_DEGRADED * calm
      ? [`${calmDegraded} of ${calm} answers say degraded although nothing was broken`]
      : []),
    ...members.flatMap(brokenBy),
  ]
}

function brokenBy({ name, baseline, last, end, ended }: Endurance): string[] {
  const heap = Math.max(last.heap, end.heap) / baseline.heap
  const { flights, runs, requests, unhandled } = end
  return [
    ...(ended ? [`${name} ended by itself`] : []),
    ...(heap > HEAP_GROWTH ? [`the heap of ${name} grew to ${heap.toFixed(2)} of what it was`] : []),
    ...(flights + runs + requests > 0
      ? [`${name} has ${flights} flights, ${runs} runs and ${requests} requests that never ended`]
      : []),
    ...unhandled.map((reason) => `${name} left a rejection unhandled: ${reason}`),
  ]
}

/** Successes and failures of the recent past, counted in a few slots of time. */
import type { Instant } from '../clock.ts'

interface Slot {
  readonly from: Instant
  readonly all: number
  readonly failures: number
}

/** The slots of a window, the oldest first; never more than SLOTS + 1. */
export type Outcomes = readonly Slot[]

const SLOTS = 10

/** The outcomes with one more, without those that began more than `window` ms ago. */
export function recorded(outcomes: Outcomes, failed: boolean, now: Instant, window: number): Outcomes {
  const recent = outcomes.filter(({ from }) => now - from < window)
  const last = recent.at(-1)
  const failures = failed ? 1 : 0
  if (last === undefined || now - last.from >= window / SLOTS) return [...recent, { from: now, all: 1, failures }]
  return [...recent.slice(0, -1), { from: last.from, all: last.all + 1, failures: last.failures + failures }]
}

/** How many there were, and how many of them failed. */
export function failedWithin(outcomes: Outcomes): { readonly all: number; readonly failures: number } {
  let all = 0
  let failures = 0
  for (const slot of outcomes) {
    all += slot.all
    failures += slot.failures
  }
  return { all, failures }
}

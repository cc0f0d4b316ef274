/** What a circuit breaker's state becomes with each event: a pure function, time included. */
import type { Instant } from '../clock.ts'
import { failedWithin, type Outcomes, recorded } from './outcomes.ts'

/** When a closed breaker opens: after so many failures in a row, or where so many of all attempts in a window fail. */
type Threshold =
  | { readonly by: 'count'; readonly failures: number }
  | { readonly by: 'rate'; readonly rate: number; readonly window: number; readonly minimum: number }

/** The terms of a breaker. Durations in ms. */
export interface BreakerTerms {
  readonly threshold: Threshold
  /** How long nothing is tried after it opened, and how long a probe may take. */
  readonly recovery: number
}

/**
 * What a breaker is in. Half-open means that one probe is under way: open ends when a probe is let through, not by time alone.
 * `term` grows with each change, so that results of former terms can be told.
 */
export type BreakerState =
  | { readonly name: 'closed'; readonly term: number; readonly inARow: number; readonly outcomes: Outcomes }
  | { readonly name: 'open'; readonly term: number; readonly until: Instant }
  | { readonly name: 'half-open'; readonly term: number; readonly until: Instant }

/** `ask`: someone wants to try. A result without a term is taken for one of the present term. */
export type BreakerEvent =
  | { readonly type: 'ask' }
  | { readonly type: 'success' | 'failure'; readonly term: number | undefined }

/** A breaker that nothing has happened to. */
export const closedBreaker: BreakerState = Object.freeze({ name: 'closed', term: 0, inARow: 0, outcomes: [] })

/** The state after an event. The same object means that nothing changed. */
export function next(state: BreakerState, event: BreakerEvent, now: Instant, terms: BreakerTerms): BreakerState {
  if (event.type === 'ask') return asked(state, now, terms)
  const isFormer = event.term !== undefined && event.term !== state.term
  // What was begun before the state changed says nothing of how it is now.
  if (isFormer || state.name === 'open') return state
  const failed = event.type === 'failure'
  if (state.name === 'half-open') return failed ? opened(state, now, terms) : { ...closedBreaker, term: state.term + 1 }
  return counted(state, failed, now, terms)
}

/** Whether whoever asked may try, going by the states before and after. */
export function mayTry(before: BreakerState, after: BreakerState): boolean {
  return after.name === 'closed' || (after.name === 'half-open' && after !== before)
}

/** A probe that never came back does not keep the next one away for ever. */
function asked(state: BreakerState, now: Instant, { recovery }: BreakerTerms): BreakerState {
  if (state.name === 'closed' || now < state.until) return state
  return { name: 'half-open', term: state.term + 1, until: now + recovery }
}

function counted(
  state: BreakerState & { readonly name: 'closed' },
  failed: boolean,
  now: Instant,
  terms: BreakerTerms,
): BreakerState {
  const { threshold } = terms
  if (threshold.by === 'count') {
    const inARow = failed ? state.inARow + 1 : 0
    if (inARow >= threshold.failures) return opened(state, now, terms)
    return inARow === state.inARow ? state : { ...state, inARow }
  }
  const outcomes = recorded(state.outcomes, failed, now, threshold.window)
  const { all, failures } = failedWithin(outcomes)
  // Only a failure opens: a success can push the number of attempts over the minimum.
  if (failed && all >= threshold.minimum && failures >= threshold.rate * all) return opened(state, now, terms)
  return { ...state, outcomes }
}

function opened({ term }: BreakerState, now: Instant, { recovery }: BreakerTerms): BreakerState {
  return { name: 'open', term: term + 1, until: now + recovery }
}

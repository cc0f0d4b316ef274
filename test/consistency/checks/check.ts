// A checker: one clause of the contract as a function of a history.
import type { History, Operation } from '../history.ts'

/** A clause that was broken, and the operations that show it. */
export interface Violation {
  readonly check: string
  /** One sentence. */
  readonly message: string
  /** The shortest history that shows it, in the order of starts. */
  readonly operations: readonly Operation[]
}

/** Judges a whole history, in O(n log n). */
export interface Check {
  readonly name: string
  readonly judge: (history: History) => Violation[]
}

/** A violation of this check, its operations put in order. */
export function violation(check: string, message: string, operations: readonly (Operation | undefined)[]): Violation {
  const present = operations.filter((operation) => operation !== undefined)
  return { check, message, operations: [...new Set(present)].sort((a, b) => a.start - b.start) }
}

/** Milliseconds as people read them. */
export function ms(duration: number): string {
  return `${duration.toFixed(duration < 10 ? 2 : 0)} ms`
}

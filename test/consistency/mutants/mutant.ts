// What a mutant is: the cache with one safeguard replaced by a weakened part.
import type { Exchange } from '../../../src/http/exchange.ts'
import type { Parts } from '../../../src/parts.ts'
import type { Check } from '../checks/check.ts'
import type { Fault } from '../faults/fault.ts'

/** The parts that take the place of the concrete ones, in each process. */
export interface Weakness {
  readonly parts: Partial<Parts>
  /** Takes the place of each request, as the engine sees it. */
  exchange?(exchange: Exchange): Exchange
  /** Done before the handler of a write runs, with the tag that the write bumps. */
  beforeWrite?(tag: string): unknown
}

/** A safeguard that is missing. */
export interface Mutant {
  readonly name: string
  /** What goes wrong without it. */
  readonly about: string
  /** What brings it to light. */
  readonly fault: Fault
  /** Tags that are read and written: with few, more happens to each at once. @default 4 */
  readonly tags?: number
  /** Names of the routes that are read. @default all */
  readonly routes?: readonly string[]
  /** The clauses that hang on it: only their checkers count. */
  readonly breaks: readonly Check[]
  weaken(): Weakness
}

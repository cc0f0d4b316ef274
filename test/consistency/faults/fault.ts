// What a fault is: something that is done to the stage, and undone.
import type { Stage } from '../stage/stage.ts'

/** A fault by name. */
export interface Fault {
  readonly name: string
  /** What is done, in a few words. */
  readonly about: string
  /** Does it once, and undoes it: when it resolves, nothing is broken any more. */
  strike(stage: Stage): Promise<void>
}

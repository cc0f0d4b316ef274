/** When Redis counts as lost, and as back. */
export interface LossTerms {
  /** Whether answers that come too late make it count as lost at all. */
  readonly auto: boolean
  /** Answers that came too late, in a row or as half of all, before it does; a pulse may take as many budgets. */
  readonly failureThreshold: number
  /** How often a lost Redis is asked whether it is back, in ms. */
  readonly recoveryCheck: number
}

/** The terms where none are given: with them a Redis that answers again is used within a second. */
export const lossTerms: LossTerms = Object.freeze({ auto: true, failureThreshold: 3, recoveryCheck: 250 })

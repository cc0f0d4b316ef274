/** Lives of answers: drawn, so that what was stored together does not end together, and ended early by chance. */
import type { Entry } from '../entry.ts'

/** The factor that a life is drawn by: evenly between both bounds. */
export function lifeFactor([min, max]: readonly [min: number, max: number], random: () => number): number {
  return min === max ? min : min + (max - min) * random()
}

/**
 * Whether to renew an answer that is still fresh: now − δ·β·ln(rand) ≥ expiry, with δ the time its making took (XFetch: Vattani,
 * Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015).
 */
export function isDueEarly({ staleAt, cost = 0 }: Entry, beta: number, now: number, random: () => number): boolean {
  return now - cost * beta * Math.log(random()) >= staleAt
}

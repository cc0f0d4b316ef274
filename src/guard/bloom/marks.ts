/** Texts that a filter of the server's own holds besides its ids: they prove that it is there, and of which parameters. */
import type { FilterLayout } from './layout.ts'

/** How seldom a filter of other parameters may seem to hold all of them. */
const DOUBT = 1e-9
/** Marks at most, for error rates near 1. */
const MOST = 64

/** As many marks as the error rate needs. */
export function marksOf({ size, errorRate }: FilterLayout): readonly string[] {
  const count = Math.min(MOST, Math.ceil(Math.log(DOUBT) / Math.log(errorRate)))
  const text = `tiercache bloom 1 bf size=${size} errorRate=${errorRate}`
  return Object.freeze(Array.from({ length: count }, (_, i) => `${text} mark=${i}`))
}

// C5 and `Cache-Status`: an answer says truly where it came from, and `degraded` is said only of times without Redis.
import type { History, Read } from '../history.ts'
import { type Check, type Violation, violation } from './check.ts'
import { Spans } from './spans.ts'

/** True labels. That whatever lags more than its bound says `degraded` is what C2 asks. */
export const labels: Check = {
  name: 'labels true',
  judge({ reads, runs, outages }: History): Violation[] {
    const ran = new Set(runs.map(({ request }) => request))
    const withoutRedis = new Spans(outages)
    return reads.flatMap((read) => {
      const lie = lieOf(read, ran.has(read.id), withoutRedis)
      return lie === undefined ? [] : [violation(labels.name, lie, [read])]
    })
  },
}

function lieOf({ label, start, end }: Read, ran: boolean, withoutRedis: Spans): string | undefined {
  const { outcome, degraded } = label
  if (outcome === 'none') return 'an answer without a word about the cache'
  const claimsRun = outcome === 'miss' || outcome === 'bypass'
  if (claimsRun && !ran) return `an answer that says ${outcome}, though no handler ran for it`
  if (!claimsRun && ran) return `an answer that says ${outcome}, though its handler ran`
  // A strong route goes around the cache where it cannot be certain in time: whoever runs is right, whatever Redis does.
  const excused = outcome === 'bypass' || withoutRedis.overlap(start, end)
  if (degraded && !excused) return 'an answer that says degraded, though Redis was there'
  return undefined
}

// Every safeguard that can be taken away.
import { answerBeforeBump, busInstalls, deafToBumps, readsNotVoided, trustOnReconnect } from './bus.ts'
import { journalLost, neverSaysDegraded, staleForEver } from './degraded.ts'
import type { Mutant, Weakness } from './mutant.ts'
import { entryUnchecked, everyClaimGranted, flightWithoutVersions, noFlights } from './runs.ts'
import { counterFromZero, datedByReply, noGeneration, tokenAfterRun } from './tokens.ts'
import { bumpBeforeCommit, storedUnderMarker, unrenewedMarker } from './writes.ts'

/** In the order they are run. */
export const allMutants: readonly Mutant[] = [
  tokenAfterRun,
  bumpBeforeCommit,
  answerBeforeBump,
  counterFromZero,
  noGeneration,
  flightWithoutVersions,
  noFlights,
  everyClaimGranted,
  entryUnchecked,
  deafToBumps,
  trustOnReconnect,
  busInstalls,
  readsNotVoided,
  datedByReply,
  unrenewedMarker,
  storedUnderMarker,
  journalLost,
  neverSaysDegraded,
  staleForEver,
]

/** What a mutant does to a process; nothing where none is named. */
export function weaknessOf(name: string | undefined): Weakness {
  return allMutants.find((mutant) => mutant.name === name)?.weaken() ?? { parts: {} }
}

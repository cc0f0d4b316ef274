/** One run in the whole fleet: this process's turn, or another's answer. */
import { type Clock, within } from './clock.ts'
import type { VersionSet } from './entry.ts'
import type { Claim, Claims } from './guard/claims.ts'
import type { Answer } from './look-up.ts'
import type { Found } from './store/tiers.ts'

/** What taking turns works with. */
export interface TurnParts {
  readonly clock: Clock
  readonly claims: Claims | undefined
}

/** Who wants to run, and for what. */
export interface TurnWish {
  readonly key: string
  readonly versions: VersionSet
  /** Milliseconds left of the budget, which begins anew with each look. */
  readonly left: () => number
  /** Milliseconds to wait for other processes at most. */
  readonly deadline: number
  /** Looks up anew what another process may have found. */
  readonly look: () => Promise<Answer>
}

/** What another process found; else these are the versions to run under, with the claim where one is held. */
export interface Turn {
  readonly found?: Found | undefined
  readonly versions?: VersionSet | undefined
  readonly claim?: Claim | undefined
}

/** Never rejects: where Redis does not say in time whose turn it is, everyone runs. */
export async function takeTurn(parts: TurnParts, { key, versions, left, deadline, look }: TurnWish): Promise<Turn> {
  const { clock, claims } = parts
  const until = clock.now() + deadline
  let answer: Answer = { versions }
  while (clock.now() < until) {
    if (answer.found !== undefined || answer.versions === undefined) return answer
    const claim = await claimWithin(parts, left(), key, answer.versions, until - clock.now())
    if (claim !== 'theirs') return { versions: answer.versions, claim }
    const landing = await claims!.landing(key, answer.versions)
    if (landing === 'alone') return answer
    answer = await look()
  }
  return answer
}

/** The claim; undefined where Redis does not answer in time. */
async function claimWithin(
  { clock, claims }: TurnParts,
  budget: number,
  key: string,
  versions: VersionSet,
  longest: number,
): Promise<Claim | 'theirs' | undefined> {
  const claiming = claims!.claim(key, versions, longest)
  try {
    return (await within(clock, budget, claiming, () => new Error('late'))) ?? 'theirs'
  } catch {
    // What comes too late is let go again.
    claiming.then((claim) => claim?.land('again')).catch(() => undefined)
    return undefined
  }
}

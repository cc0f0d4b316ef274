/** One run in the whole fleet: this process's turn, or another's answer. */
import { type Clock, type Instant, within } from './clock.ts'
import { sameVersions, type VersionSet } from './entry.ts'
import type { Claim, Claims, Listening } from './guard/claims.ts'
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
  /** Milliseconds left of the budget. */
  readonly left: () => number
  /** Milliseconds to wait for other processes at most. */
  readonly deadline: number
  /** Looks up anew what another process may have found. */
  readonly look: () => Promise<Answer>
  /** A wait is over that was not for Redis. */
  readonly waited: () => void
}

/** What another process found; else these are the versions to run under, with the claim where one is held. */
export interface Turn {
  readonly found?: Found | undefined
  readonly versions?: VersionSet | undefined
  readonly claim?: Claim | undefined
  /** Redis did not say in time whose turn it is. */
  readonly unanswered?: boolean
}

/** Never rejects: where Redis does not say in time whose turn it is, everyone runs. */
export async function takeTurn(parts: TurnParts, wish: TurnWish): Promise<Turn> {
  const until = parts.clock.now() + wish.deadline
  let answer: Answer = { versions: wish.versions }
  while (answer.found === undefined && answer.versions !== undefined && parts.clock.now() < until) {
    const { versions } = answer
    // From before the claim is asked for: a word that comes meanwhile must not be missed.
    const listening = parts.claims!.listen(wish.key, versions)
    try {
      for (let known: VersionSet | undefined = versions; sameAs(known, versions); known = answer.versions) {
        const turn = await tryTurn(parts, wish, versions, listening, until)
        if (turn !== undefined) return turn
        answer = await wish.look()
        if (answer.found !== undefined || parts.clock.now() >= until) return answer
      }
    } finally {
      listening.end()
    }
  }
  return answer
}

function sameAs(known: VersionSet | undefined, versions: VersionSet): boolean {
  return known !== undefined && sameVersions(known, versions)
}

/** One attempt: undefined where it is time to look anew. */
async function tryTurn(
  parts: TurnParts,
  wish: TurnWish,
  versions: VersionSet,
  listening: Listening,
  until: Instant,
): Promise<Turn | undefined> {
  const claim = await claimWithin(parts, wish.left(), wish.key, versions, until - parts.clock.now())
  if (claim === undefined) return { versions, unanswered: true }
  if (claim !== 'theirs' && listening.heard === 'alone') {
    claim.land('alone')
    return { versions }
  }
  if (claim !== 'theirs') return lastLook(wish, claim, versions)
  const landing = await listening.landing()
  wish.waited()
  return landing === 'alone' ? { versions } : undefined
}

/** Another process may have landed between the look-up and the claim; undefined where the versions have changed meanwhile. */
async function lastLook({ look }: TurnWish, claim: Claim, versions: VersionSet): Promise<Turn | undefined> {
  const answer = await look()
  if (answer.found !== undefined) claim.land('filled')
  else if (answer.versions !== undefined && !sameVersions(answer.versions, versions)) claim.land('again')
  else return { versions: answer.versions ?? versions, claim }
  return answer.found === undefined ? undefined : answer
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

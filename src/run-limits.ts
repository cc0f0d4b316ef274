/** How long a client waits for a run: then something else answers it, and the run goes on. */
import { type Clock, within } from './clock.ts'
import type { Replacement } from './http/exchange.ts'
import type { Listener, OvertakenEvent } from './observe/events.ts'
import type { Visit } from './visit.ts'

/** What limits work with. */
export interface LimitParts {
  readonly clock: Clock
  readonly tell: Listener
}

/** What answers in the place of a run that takes too long. */
export interface LateAnswers {
  /** A stale answer, where there is one still. */
  stale(): Replacement | undefined
  late(): Late | Promise<Late>
  /** One of them has gone out. */
  answered(): void
}

/** What goes out where nothing stale is at hand. */
export interface Late extends Replacement {
  readonly by: 'fallback' | 'timeout'
}

const nothing = () => undefined

/** Whether something may answer before the handler does. */
export function isLimited({ route, isPatient }: Visit): boolean {
  return route.soft !== undefined || route.hard !== undefined || !isPatient
}

/**
 * Starts the time that the client of a run waits.
 *
 * @returns ends it: the head of the run's own answer leaves
 */
export function limitRun(parts: LimitParts, visit: Visit, answers: LateAnswers): () => void {
  const { hard } = visit.route
  const soft = visit.isPatient ? visit.route.soft : 0
  let over = false
  const answer = ({ response, delivery }: Replacement, by: OvertakenEvent['by']) => {
    if (over || !visit.exchange.overtake(response, delivery)) return
    end()
    answers.answered()
    parts.tell({ type: 'overtaken', route: visit.place.name, key: visit.key, by, ms: visit.ms })
  }
  const cancels = [
    after(parts, visit, soft, () => {
      const stale = answers.stale()
      if (stale !== undefined) answer(stale, 'stale')
    }),
    after(parts, visit, hard, async () => {
      const late = await answers.late()
      answer(late, late.by)
    }),
  ]
  const end = () => {
    over = true
    for (const cancel of cancels) cancel()
  }
  return end
}

function after({ clock }: LimitParts, visit: Visit, limit: number | undefined, action: () => void): () => void {
  return limit === undefined ? nothing : clock.after(Math.max(0, limit - visit.ms), action)
}

/** What came of waiting: the end of what was waited for, or what goes out before it. */
export type Waited<T> = { readonly landing: T } | { readonly instead: Replacement; readonly by: OvertakenEvent['by'] }

/**
 * Waits for another's run as long as the route lets its clients wait.
 *
 * @param isAnswer whether what came of it answers the client: only that is better than what stands in for a run that takes too long
 */
export async function limitWait<T>(
  { clock }: LimitParts,
  visit: Visit,
  waiting: Promise<T>,
  answers: LateAnswers,
  isAnswer: (landing: T) => boolean,
): Promise<Waited<T>> {
  const { hard } = visit.route
  const soft = visit.isPatient ? visit.route.soft : 0
  const landed = waiting.then((landing) => ({ landing }))
  if (soft !== undefined && visit.former !== undefined) {
    const early = await within(clock, Math.max(0, soft - visit.ms), landed, tooLate).catch(() => undefined)
    const stale = early === undefined ? answers.stale() : undefined
    if (early !== undefined || stale !== undefined) return early ?? { instead: stale!, by: 'stale' }
  }
  if (hard === undefined) return landed
  const early = await within(clock, Math.max(0, hard - visit.ms), landed, tooLate).catch(() => undefined)
  if (early !== undefined) return early
  const late = Promise.resolve(answers.late()).then((made) => ({ instead: made, by: made.by }))
  const answered = landed.then((one): Waited<T> | Promise<Waited<T>> => (isAnswer(one.landing) ? one : late))
  return Promise.race([late, answered])
}

const tooLate = () => new Error('late')

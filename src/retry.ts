/** Tries again, with waits that double. */
import type { Retry } from './aging-option.ts'
import type { Clock } from './clock.ts'
import { attempt } from './maybe.ts'

/** What trying again works with. */
export interface RetryParts {
  readonly clock: Clock
  readonly random: () => number
}

/**
 * Calls `attempt` until it succeeds, at most as often as the rules say, and rejects with its last error. Each wait is drawn from its upper
 * half, so that those who failed together do not come back together.
 *
 * @param rules undefined = once
 * @param mayRetry what no rule may repeat
 */
export async function retried<T>(
  { clock, random }: RetryParts,
  rules: Retry | undefined,
  attempt: () => Promise<T>,
  mayRetry: (error: unknown) => boolean = () => true,
): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt()
    } catch (error) {
      if (rules === undefined || made >= rules.attempts || !mayRetry(error) || !wanted(rules, error)) throw error
      const wait = Math.min(rules.max, rules.min * 2 ** (made - 1))
      await new Promise<void>((resolve) => clock.after(wait * (1 - random() / 2), resolve))
    }
  }
}

/** A condition that fails, or answers with a promise, wants nothing more. */
function wanted({ when }: Retry, error: unknown): boolean {
  const verdict: unknown = attempt(
    () => when(error as Error),
    () => false,
  )
  return verdict === true
}

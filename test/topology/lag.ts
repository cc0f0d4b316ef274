// Waits until an application answers what it should, and holds every former answer against the bound of the contract.
import { expect } from 'chai'
import type { Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'

/** D of the contract, in ms. */
const BOUND = 1_000

/** Between two questions, in ms. */
const PAUSE = 10

/**
 * Resolves once `path` is answered with `text`. What is asked later than the bound after the change must be: an answer that lags
 * longer rejects.
 *
 * @param changedAt when the change was known to be made
 */
export async function seenWithinBound(
  app: Pick<Running, 'port'>,
  path: string,
  text: string,
  changedAt = performance.now(),
): Promise<void> {
  for (;;) {
    const since = performance.now() - changedAt
    const answer = await ask(app, path)
    if (answer.text === text) return
    expect(since, `ms after the change, ${path} was still ${answer.text}`).to.be.below(BOUND)
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

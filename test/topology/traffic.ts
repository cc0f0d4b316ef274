// Asks an application without a pause while something happens to its Redis, and holds each answer against the handler alone.
import { expect } from 'chai'
import type { Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'
import { timed } from '../support/timed.ts'

/** What the cache may add to the work of a handler, in ms, whatever happens to Redis. */
const ALLOWED = 150

/** Requests under way. */
export interface Traffic {
  /** Resolves when the last request was answered; each was answered with 200, in time. */
  stop(): Promise<void>
}

/**
 * Starts to ask for `path(0)`, `path(1)`, … one after another.
 *
 * @param control a path of the same application that the cache has no part in
 */
export function startTraffic(app: Running, path: (round: number) => string, control: string): Traffic {
  let stopped = false
  const running = drive()
  // Reported by `stop()`.
  running.catch(() => undefined)

  async function drive() {
    for (let round = 0; !stopped; round++) {
      const asked = path(round)
      const { ms, slack, result } = await timed(
        () => ask(app, asked),
        () => ask(app, control),
      )
      expect(result.status, asked).to.equal(200)
      expect(ms, `${asked}: ${result.headers['cache-status']}`).to.be.below(ALLOWED + slack)
    }
  }

  return {
    async stop() {
      stopped = true
      await running
    },
  }
}

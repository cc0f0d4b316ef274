// Moves the cache's clock forward while timers and sockets keep their own pace.
import sinon from 'sinon'

// The one and only, whatever a test does to it.
const now = performance.now.bind(performance)

/** A clock that goes on as ever, and that the test may put forward. */
export interface CacheTime {
  /** Lets so many milliseconds pass at once. */
  advance(ms: number): void
}

/** Takes the place of `performance.now`, all that the cache reads the time from, until `sinon.restore()`. */
export function cacheTime(): CacheTime {
  let ahead = 0
  sinon.stub(performance, 'now').callsFake(() => now() + ahead)
  return {
    advance(ms) {
      ahead += ms
    },
  }
}

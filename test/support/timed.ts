// Times an answer, and what the machine would have taken at the same time for next to nothing.

/** How long something took, in ms, and how long the slowest of the trifles beside it. */
export interface Timed<T> {
  readonly ms: number
  /** What a busy machine may add: to be allowed for, not to be hidden. */
  readonly slack: number
  readonly result: T
}

/** Between two trifles, in ms. */
const PAUSE = 5

/** Does `work`, and beside it `trifle` again and again until it is done. */
export async function timed<T>(work: () => Promise<T>, trifle: () => Promise<unknown>): Promise<Timed<T>> {
  let done = false
  let slowest = 0
  const beside = async () => {
    do {
      // The pause is timed as well: a machine may stall at any moment.
      const { ms } = await taken(async () => {
        await trifle()
        await new Promise((resolve) => setTimeout(resolve, PAUSE))
      })
      slowest = Math.max(slowest, ms - PAUSE)
    } while (!done)
  }
  const trifles = beside()
  const { ms, result } = await taken(work)
  done = true
  await trifles
  return { ms, slack: 3 * slowest, result }
}

async function taken<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now()
  const result = await work()
  return { ms: performance.now() - start, result }
}

/** Works through items of any source, a bounded number of them at a time. */

/** What can be gone through. */
export type Items<T> = Iterable<T> | AsyncIterable<T>

/**
 * Calls `work` with each item, at most `limit` calls under way at once, and takes no item before there is room for it. Once the signal
 * aborts no further item is taken, and a source that lets us wait for one is left behind.
 *
 * @param work what it throws ends the whole, once what is under way is over
 */
export async function each<T>(
  items: Items<T>,
  limit: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const source = new Source(items, signal)
  const underWay = new Set<Promise<void>>()

  async function worker(): Promise<void> {
    for (let next = await source.take(); next !== undefined; next = await source.take()) {
      const working = work(next.item)
      underWay.add(working)
      await working.finally(() => underWay.delete(working))
    }
  }

  const workers = Array.from({ length: limit }, () => worker().catch((error: unknown) => source.fail(error)))
  const over = Promise.all(workers)
  await (signal === undefined ? over : unlessAborted(over, signal, () => Promise.allSettled(underWay)))
  source.close()
}

/** Items one after the other: a generator answers one question at a time, and a source that failed is asked no more. */
class Source<T> {
  readonly #items: Iterator<T> | AsyncIterator<T>
  readonly #signal: AbortSignal | undefined
  #ended = false
  #failure: { readonly error: unknown } | undefined
  #taking: Promise<unknown> = Promise.resolve()

  constructor(items: Items<T>, signal: AbortSignal | undefined) {
    this.#items = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
    this.#signal = signal
  }

  /** The next item; undefined when there is none to be taken. */
  take(): Promise<{ readonly item: T } | undefined> {
    const taken = this.#taking.then(() => this.#next())
    this.#taking = taken.catch(() => undefined)
    return taken
  }

  async #next(): Promise<{ readonly item: T } | undefined> {
    if (this.#ended || this.#failure !== undefined || this.#signal?.aborted === true) return undefined
    const next = await this.#items.next()
    if (next.done !== true) return { item: next.value }
    this.#ended = true
    return undefined
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
  }

  /** Lets the source know that nobody asks any more; throws what the whole failed by. */
  close(): void {
    const items = this.#items
    // Not awaited: a generator that waits for something itself hears of it only afterwards.
    if (!this.#ended)
      void Promise.resolve()
        .then(() => items.return?.())
        .catch(() => undefined)
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

/** Waits for `work`, or from the abort on for what is `left` of it. A signal may outlive many such waits: nothing stays with it. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal, left: () => Promise<unknown>): Promise<void> {
  let leave!: () => void
  const aborted = new Promise<void>((resolve) => {
    leave = resolve
  })
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    await Promise.race([work, aborted.then(left)])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

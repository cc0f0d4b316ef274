/** Tells who began to listen to a response during a run, also where middleware leads listeners elsewhere. */

type Listener = (...args: unknown[]) => void

/** Those who wait for room: `compression` leads them to a stream of its own, where the response does not know of them. */
export class LedListeners {
  readonly #listeners = new Set<Listener>()

  /** A method of the response is called. */
  note(method: string, [event, listener]: readonly unknown[]): void {
    if (event !== 'drain') return
    if (method === 'on' || method === 'addListener') this.#listeners.add(listener as Listener)
    else if (method === 'off' || method === 'removeListener') this.#listeners.delete(listener as Listener)
  }

  get listeners(): ReadonlySet<Listener> {
    return this.#listeners
  }
}

/** The listeners of `now` that were not among those of `before`; one may listen more than once. */
export function newListeners(before: readonly unknown[], now: readonly unknown[]): Listener[] {
  const known = [...before]
  return now.filter((listener): listener is Listener => {
    const at = known.indexOf(listener)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}

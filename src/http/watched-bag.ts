/** A view of a plain object, such as the request's headers, that notes which of its members are read. In all else it is that object. */
import type { Reads } from './reads.ts'

/** Asks a view for what stands behind it. Known to every copy of this package: one cache may stand behind another. */
const BEHIND = Symbol.for('tiercache.behind')

/** The object behind a view, whose members a cache may look at for itself; anything else is itself. */
export function unwatched<T extends object>(bag: T): T {
  return (bag as { [BEHIND]?: T })[BEHIND] ?? bag
}

/** Makes such views, one for each object, and knows what stands behind them. */
export class WatchedBags {
  readonly #reads: Reads
  readonly #views = new WeakMap<object, object>()
  readonly #behind = new WeakMap<object, object>()

  constructor(reads: Reads) {
    this.#reads = reads
  }

  /**
   * The view of `bag`. Who goes through all of it reads what is there: of what is not, nobody asked.
   *
   * @param names by member, what its reading is noted as
   */
  view(bag: object, names: ReadonlyMap<string, string>): object {
    const known = this.#views.get(bag)
    if (known !== undefined) return known
    const note = (key: string | symbol) => {
      const name = typeof key === 'string' ? names.get(key) : undefined
      if (name !== undefined) this.#reads.add(name)
    }
    const own = (receiver: unknown) => (receiver === view ? bag : receiver)
    const view: object = new Proxy(bag, {
      get(target, key, receiver) {
        if (key === BEHIND) return unwatched(target)
        note(key)
        return Reflect.get(target, key, own(receiver))
      },
      has(target, key) {
        note(key)
        return Reflect.has(target, key)
      },
      getOwnPropertyDescriptor(target, key) {
        note(key)
        return Reflect.getOwnPropertyDescriptor(target, key)
      },
      // Without this one, writing would look like reading: it asks for the descriptor of what stands there.
      set: (target, key, value, receiver) => Reflect.set(target, key, value, own(receiver)),
    })
    this.#views.set(bag, view)
    this.#behind.set(view, bag)
    return view
  }

  /** What stands behind a view; anything else is itself. */
  behind(value: unknown): unknown {
    return typeof value === 'object' && value !== null ? (this.#behind.get(value) ?? value) : value
  }
}

/** Watches what one run reads of its request that is private to who asks, until the head of its answer crosses our place. */
import { type Read, Reads } from './reads.ts'
import type { PrivateProperty, WatchPlan } from './watch-plan.ts'
import { WatchedBags } from './watched-bag.ts'
import { type Sight, WatchedObject } from './watched-object.ts'

/** The objects that a framework's handlers are given, by the names a path begins with. */
export type Roots = Readonly<Record<string, object | undefined>>

/** One run, watched. Every change to the framework's objects is taken back by `end`. */
export class Watch {
  readonly #reads = new Reads()
  readonly #bags = new WatchedBags(this.#reads)
  readonly #objects: readonly WatchedObject[]
  #closed = false

  constructor(roots: Roots, plan: WatchPlan) {
    this.#objects = [...plan].flatMap(([root, properties]) => {
      const object = roots[root]
      if (object === undefined) return []
      const sights = new Map([...properties].map(([name, property]) => [name, this.#sight(object, property)]))
      // Express sets `req.res` right before it gives a request the prototype of a mounted application.
      return [new WatchedObject(object, sights, this.#reads, root === 'req' ? 'res' : undefined)]
    })
  }

  /** Calls `work`, which is not the handler's: what it reads does not count. */
  readonly aside = <T>(work: () => T): T => this.#reads.aside(work)

  /** What comes now is too late for the answer; later calls do nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const lost = this.#reads.during(() => {
      for (const object of this.#objects) object.noteLost()
    })
    this.#reads.close(lost.reads)
  }

  /** What was read, in the order of the first reading. */
  get reads(): readonly string[] {
    return this.#reads.names
  }

  /** Notes what `work` reads before it returns. */
  readBy<T>(work: () => T): Read<T> {
    return this.#reads.during(work)
  }

  /** Takes every change back; later calls do nothing. */
  end(): void {
    this.close()
    for (const object of this.#objects) object.restore()
  }

  /** The paths of those headers that came. */
  #present(request: object, paths: ReadonlyMap<string, string>): string[] {
    const headers = this.#bags.behind((request as { headers?: object }).headers) ?? {}
    return [...paths].flatMap(([name, path]) => (Object.hasOwn(headers, name) ? [path] : []))
  }

  #sight(object: object, { path, members, raw }: PrivateProperty): Sight {
    const add = (name: string) => this.#reads.add(name)
    return {
      note: () => {
        if (path !== undefined) add(path)
        if (raw !== undefined) for (const path of this.#present(object, raw)) add(path)
      },
      give: (value) => {
        if (members === undefined) return value
        if (isPlain(value)) return this.#bags.view(value, members)
        // Into what is not there, or is not plain, nobody can look: whoever has it may have read all of it.
        for (const name of members.values()) add(name)
        return value
      },
      take: (value) => this.#bags.behind(value),
    }
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

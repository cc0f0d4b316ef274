/** Watches properties of one of the framework's objects during a run: those it has, those it inherits, and those that are not there. */
import type { Reads } from './reads.ts'

/** What happens when a property is read. */
export interface Sight {
  /** It is asked for. */
  note(): void
  /** What the reader is given for the value. */
  give(value: unknown): unknown
  /** What is kept of a value that is given back. */
  take(value: unknown): unknown
}

/** Stands in for an own property. */
interface Standing {
  readonly get: () => unknown
  /** Puts the property back as it would be now without us. */
  restore(): void
}

/**
 * What the object has itself becomes an accessor, everything else is seen by a layer between the object and its prototype: so `in` and
 * the list of its own properties stay as they are.
 */
export class WatchedObject {
  readonly #object: object
  readonly #sights: ReadonlyMap<string, Sight>
  readonly #reads: Reads
  readonly #prototype: object | null
  readonly #layer: object
  readonly #standing = new Map<string, Standing>()
  #restored = false

  /** @param resetBy the property that is set whenever a framework gives the object another prototype: the layer is lost then */
  constructor(object: object, sights: ReadonlyMap<string, Sight>, reads: Reads, resetBy?: string) {
    this.#object = object
    this.#sights = sights
    this.#reads = reads
    this.#prototype = Object.getPrototypeOf(object)
    this.#layer = this.#makeLayer(this.#prototype)
    for (const [name, sight] of sights) if (Object.hasOwn(object, name)) this.#standIn(name, sight)
    // Of an object that takes no other prototype, what is not there may be read unseen.
    if (!Reflect.setPrototypeOf(object, this.#layer)) for (const sight of sights.values()) sight.note()
    if (resetBy !== undefined && Object.hasOwn(object, resetBy)) this.#standIn(resetBy, this.#resetSight())
  }

  /** Notes what may have been read unseen: where something else has taken our place, nothing can be ruled out. */
  noteLost(): void {
    for (const [name, sight] of this.#sights) {
      const own = Object.getOwnPropertyDescriptor(this.#object, name)
      // A foreign getter takes its value from somewhere: what it reads is seen there.
      if (own !== undefined && own.get === undefined) sight.note()
      if (own === undefined && Object.getPrototypeOf(this.#object) !== this.#layer) sight.note()
    }
  }

  /** Leaves the object as it would be without us; later calls do nothing. */
  restore(): void {
    if (this.#restored) return
    this.#restored = true
    for (const [name, { get, restore }] of this.#standing) {
      if (Object.getOwnPropertyDescriptor(this.#object, name)?.get === get) restore()
    }
    if (Object.getPrototypeOf(this.#object) === this.#layer) Object.setPrototypeOf(this.#object, this.#prototype)
  }

  #makeLayer(prototype: object | null): object {
    const from = prototype ?? {}
    const sightOf = (key: string | symbol) => (typeof key === 'string' ? this.#sights.get(key) : undefined)
    return new Proxy(Object.create(prototype), {
      get: (_target, key, receiver) => {
        const sight = sightOf(key)
        const value = () => Reflect.get(from, key, receiver)
        return sight === undefined ? value() : this.#see(sight, value)
      },
      has: (_target, key) => {
        sightOf(key)?.note()
        return Reflect.has(from, key)
      },
      set: (_target, key, value, receiver) => this.#assign(from, key, value, receiver, sightOf(key)),
    })
  }

  /** What a getter reads on its way belongs to the property it is the getter of. */
  #see(sight: Sight, value: () => unknown): unknown {
    sight.note()
    return sight.give(this.#reads.aside(value))
  }

  /** As without us; a property that the object has from now on is watched as its own. */
  #assign(from: object, key: string | symbol, value: unknown, receiver: unknown, sight: Sight | undefined): boolean {
    if (sight === undefined) return Reflect.set(from, key, value, receiver)
    const done = this.#reads.aside(() => Reflect.set(from, key, sight.take(value), receiver))
    const isOwn = receiver === this.#object && Object.hasOwn(this.#object, key)
    if (isOwn && !this.#restored) this.#standIn(key as string, sight)
    return done
  }

  #standIn(name: string, sight: Sight): void {
    const original = Object.getOwnPropertyDescriptor(this.#object, name)!
    // What cannot be watched may be read unseen.
    if (original.configurable === false) sight.note()
    else if ('value' in original) this.#standInForValue(name, sight, original)
    else this.#standInForAccessor(name, sight, original)
  }

  #standInForValue(name: string, sight: Sight, { enumerable, writable, ...original }: PropertyDescriptor): void {
    const object = this.#object
    let kept: unknown = original.value
    const see = (value: () => unknown) => this.#see(sight, value)
    const get = () => see(() => kept)
    // Assigned to what inherits from the object, a value is that one's own.
    function set(this: unknown, value: unknown) {
      if (this === object) kept = sight.take(value)
      else Object.defineProperty(this as object, name, { value, configurable: true, enumerable: true, writable: true })
    }
    const restore = () =>
      Object.defineProperty(object, name, {
        configurable: true,
        enumerable,
        writable,
        value: kept,
      } as PropertyDescriptor)
    this.#define(name, { enumerable, get, set: writable === true ? set : undefined } as PropertyDescriptor, restore)
  }

  #standInForAccessor(name: string, sight: Sight, original: PropertyDescriptor): void {
    const object = this.#object
    const see = (value: () => unknown) => this.#see(sight, value)
    function get(this: unknown) {
      return see(() => original.get?.call(this))
    }
    const { enumerable, set } = original
    const restore = () => Object.defineProperty(object, name, original)
    this.#define(name, { enumerable, get, set } as PropertyDescriptor, restore)
  }

  #define(name: string, descriptor: PropertyDescriptor, restore: () => void): void {
    Object.defineProperty(this.#object, name, { ...descriptor, configurable: true })
    this.#standing.set(name, { get: descriptor.get!, restore })
  }

  /** The layer is about to be lost: what it watched gets accessors of the object's own, although `in` finds them then. */
  #resetSight(): Sight {
    const pass = (value: unknown) => value
    return {
      note: () => undefined,
      give: pass,
      take: (value) => {
        for (const [name, sight] of this.#sights)
          if (!Object.hasOwn(this.#object, name)) this.#standInForNothing(name, sight)
        return value
      },
    }
  }

  #standInForNothing(name: string, sight: Sight): void {
    const object = this.#object
    const prototype = () => {
      const present: object | null = Object.getPrototypeOf(object)
      return (present === this.#layer ? this.#prototype : present) ?? {}
    }
    const see = (value: () => unknown) => this.#see(sight, value)
    const assign = (value: unknown, receiver: unknown) => {
      if (receiver === object) delete (object as Record<string, unknown>)[name]
      this.#assign(prototype(), name, value, receiver, sight)
    }
    function get(this: unknown) {
      return see(() => Reflect.get(prototype(), name, this))
    }
    function set(this: unknown, value: unknown) {
      assign(value, this)
    }
    this.#define(name, { enumerable: false, get, set }, () => delete (object as Record<string, unknown>)[name])
  }
}

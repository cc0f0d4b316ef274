// The data of a simulated Redis server: strings that expire, and what is published.

/** An error as Redis replies with it. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}

export type Value = string | Buffer

interface Held {
  readonly value: Value
  /** On the server's wall clock, in ms. */
  readonly until: number
}

/** What replicas are told. */
export type Effect =
  | { readonly kind: 'set'; readonly key: string; readonly value: Value; readonly until: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'flush' }
  | { readonly kind: 'publish'; readonly channel: string; readonly text: string }

/** What the server around it is. */
export interface Surroundings {
  /** The server's wall clock, in ms. */
  readonly now: () => number
  /** Is told of everything that changed here, and of what was published. */
  readonly changed: (effect: Effect) => void
}

/** Keys and their values. Commands as Redis has them, on strings alone. */
export class Keyspace {
  #data = new Map<string, Held>()
  readonly #surroundings: Surroundings
  /** A replica takes no commands that write. */
  readOnly = false
  /** There is no room for what is set. */
  full = false

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** The wall clock, in µs. */
  get time(): number {
    return Math.floor(this.#surroundings.now() * 1_000)
  }

  get keys(): readonly string[] {
    return [...this.#data.keys()]
  }

  get(key: string): Value | null {
    return this.#held(key)?.value ?? null
  }

  pttl(key: string): number {
    const held = this.#held(key)
    return held === undefined ? -2 : Math.ceil(held.until - this.#surroundings.now())
  }

  set(key: string, value: Value, ms: number): void {
    this.#assertWritable()
    if (this.full) throw new ReplyError("OOM command not allowed when used memory > 'maxmemory'.")
    this.#change({ kind: 'set', key, value, until: this.#surroundings.now() + ms })
  }

  delete(key: string): void {
    this.#assertWritable()
    this.#change({ kind: 'delete', key })
  }

  expire(key: string, ms: number): number {
    this.#assertWritable()
    const held = this.#held(key)
    if (held === undefined) return 0
    this.#change({ kind: 'set', key, value: held.value, until: this.#surroundings.now() + ms })
    return 1
  }

  flush(): void {
    this.#change({ kind: 'flush' })
  }

  publish(channel: string, text: string): void {
    this.#surroundings.changed({ kind: 'publish', channel, text })
  }

  /** Does what another server did. */
  apply(effect: Effect): void {
    this.#change(effect)
  }

  /** A copy of all data. */
  snapshot(): ReadonlyMap<string, Held> {
    return new Map(this.#data)
  }

  restore(snapshot: ReadonlyMap<string, Held>): void {
    this.#data = new Map(snapshot)
  }

  #held(key: string): Held | undefined {
    const held = this.#data.get(key)
    return held !== undefined && held.until > this.#surroundings.now() ? held : undefined
  }

  #change(effect: Effect): void {
    if (effect.kind === 'set') this.#data.set(effect.key, effect)
    else if (effect.kind === 'delete') this.#data.delete(effect.key)
    else if (effect.kind === 'flush') this.#data.clear()
    this.#surroundings.changed(effect)
  }

  #assertWritable(): void {
    if (this.readOnly) throw new ReplyError("READONLY You can't write against a read only replica.")
  }
}

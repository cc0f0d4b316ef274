// Simulated time: what is to happen, in the order of its instants.

/** Milliseconds since the simulation began. */
export type Instant = number

/** Something that is to happen. */
export interface Scheduled {
  readonly at: Instant
  /** What was scheduled first happens first. */
  readonly order: number
  action: () => void
}

const nothing = () => undefined

/** A heap of events. Nothing happens between two of them. */
export class EventQueue {
  now: Instant = 0
  readonly #heap: Scheduled[] = []
  #scheduled = 0

  /** When the next event is due; infinity when there is none. */
  get nextAt(): Instant {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** How many events were ever scheduled: two runs of one seed have the same. */
  get scheduled(): number {
    return this.#scheduled
  }

  /** Lets `action` happen at an instant; what is due already happens next. */
  at(instant: Instant, action: () => void): Scheduled {
    const event = { at: Math.max(instant, this.now), order: this.#scheduled++, action }
    this.#heap.push(event)
    this.#rise(this.#heap.length - 1, event)
    return event
  }

  /** Forgets what was to happen. */
  cancel(event: Scheduled): void {
    event.action = nothing
  }

  /** Lets `action` happen after `ms`. */
  after(ms: number, action: () => void): void {
    this.at(this.now + ms, action)
  }

  /** Moves on to the next event. */
  step(): void {
    const first = this.#heap[0]!
    const last = this.#heap.pop()!
    if (this.#heap.length > 0) this.#sink(last)
    this.now = first.at
    first.action()
  }

  #rise(from: number, event: Scheduled): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (isBefore(this.#heap[parent]!, event)) break
      this.#heap[index] = this.#heap[parent]!
      index = parent
    }
    this.#heap[index] = event
  }

  #sink(event: Scheduled): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (isBefore(event, heap[child]!)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = event
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

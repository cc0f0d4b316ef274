/** Collects the cache's events, so that the tour can compare them with what the headers said. */
import type { CacheEvent } from '../../src/observe/events.ts'

type EventOf<Type extends CacheEvent['type']> = Extract<CacheEvent, { type: Type }>

export interface Recorder {
  listener(event: CacheEvent): void
  /** Records from now on, and forgets what was before. */
  start(): void
  /** Records no longer: a server may run for days. */
  stop(): void
  /** The events of a type, once there are `count` of them or a second has passed. */
  take<Type extends CacheEvent['type']>(type: Type, count: number): Promise<EventOf<Type>[]>
}

/** Creates a recorder; its `listener` goes into the options of `createCache`. */
export function createRecorder(): Recorder {
  let recording = false
  let events: CacheEvent[] = []
  let check = () => {}

  return {
    listener(event) {
      if (!recording) return
      events.push(event)
      check()
    },
    start() {
      recording = true
      events = []
    },
    stop() {
      recording = false
      events = []
    },
    take<Type extends CacheEvent['type']>(type: Type, count: number): Promise<EventOf<Type>[]> {
      const found = () => events.filter((event): event is EventOf<Type> => event.type === type)
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(found()), 1_000)
        check = () => {
          if (found().length < count) return
          clearTimeout(timer)
          resolve(found())
        }
        check()
      })
    },
  }
}

/** What was handed to Redis and is not answered yet: bounded in number and in bytes. */
import { OverloadError, type TroubleLog } from '../connection/trouble.ts'

/** Stores that may wait at once, and their bytes. */
export interface BacklogBounds {
  readonly count: number
  readonly bytes: number
}

/**
 * Counts frames until the client knows what became of them: those that are late lie in its memory until they are answered, or their connection
 * is gone.
 */
export class Backlog {
  readonly #bounds: BacklogBounds
  readonly #trouble: TroubleLog
  #count = 0
  #bytes = 0

  constructor(bounds: BacklogBounds, trouble: TroubleLog) {
    this.#bounds = bounds
    this.#trouble = trouble
  }

  /** Frames that are not answered, and their bytes. */
  get size(): BacklogBounds {
    return { count: this.#count, bytes: this.#bytes }
  }

  /**
   * Whether one more may wait; what is told of it is told once per change.
   *
   * @param waiting those that are not sent yet included, where there are such
   */
  hasRoom(waiting = 0): boolean {
    const { count, bytes } = this.#bounds
    if (Math.max(this.#count, waiting) < count && this.#bytes < bytes) {
      this.#trouble.succeeded('backlog')
      return true
    }
    const text = `${Math.max(this.#count, waiting)} stores (${this.#bytes} bytes) wait for Redis: further ones are let go`
    this.#trouble.failed('backlog', new OverloadError(text))
    return false
  }

  /** Sends a frame, which waits until the client knows what became of it. */
  async sent(frame: Buffer, send: (frame: Buffer) => Promise<unknown>): Promise<void> {
    this.#count++
    this.#bytes += frame.length
    try {
      await send(frame)
    } finally {
      this.#count--
      this.#bytes -= frame.length
    }
  }
}

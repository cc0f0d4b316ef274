/** Tells once of what would be told with every request. */
import type { CacheEvent, Listener } from './events.ts'

/** Names that are remembered; beyond them, nothing more is told. */
const MOST = 1_000

/** What has been told. */
export class OnceTold {
  readonly #tell: Listener
  readonly #told = new Set<string>()

  constructor(tell: Listener) {
    this.#tell = tell
  }

  /** @param name events of the same name are told once */
  tell(name: string, event: CacheEvent): void {
    if (this.#told.has(name) || this.#told.size >= MOST) return
    this.#told.add(name)
    this.#tell(event)
  }
}

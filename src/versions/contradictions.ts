/** Work on a tag that a message may contradict while it is on its way to Redis and back. */

interface UnderWay {
  heard: string | undefined
}

/** Who is at work on which tag, and what was heard of it meanwhile. */
export class Contradictions {
  readonly #underWay = new Map<string, Set<UnderWay>>()

  /** Runs work on a tag and reports the last token that was named meanwhile. */
  async watch<T>(tag: string, work: () => Promise<T>): Promise<{ value: T; heard: string | undefined }> {
    const watch: UnderWay = { heard: undefined }
    const watches = this.#underWay.get(tag) ?? new Set()
    this.#underWay.set(tag, watches.add(watch))
    try {
      const value = await work()
      return { value, heard: watch.heard }
    } finally {
      watches.delete(watch)
      if (watches.size === 0) this.#underWay.delete(tag)
    }
  }

  /** The tag now has (or is about to get) this token. */
  heard(tag: string, token: string): void {
    for (const watch of this.#underWay.get(tag) ?? []) watch.heard = token
  }
}

/** A bounded copy of body bytes: chunks are copied as they pass, since their owner may write to them afterwards. */

/** Collects chunks up to a cap; past it everything kept is let go. */
export class BodyCopy {
  readonly #cap: number
  #chunks: Buffer[] = []
  #length = 0

  constructor(cap: number) {
    this.#cap = cap
  }

  /** Copies a chunk as `write(chunk, encoding)` understands it; false once the body is over the cap. */
  add(chunk: unknown, encoding?: unknown): boolean {
    const bytes = bytesOf(chunk, encoding)
    if (bytes === undefined) return true
    this.#length += bytes.length
    if (this.#length > this.#cap) {
      this.#chunks = []
      return false
    }
    this.#chunks.push(bytes)
    return true
  }

  /** The whole body in memory of exactly its own size. */
  join(): Buffer {
    return exact(this.#chunks, this.#length)
  }
}

/** The bytes of a chunk in memory of their own, or undefined for what is no chunk at all (its writer will throw). */
export function bytesOf(chunk: unknown, encoding?: unknown): Buffer | undefined {
  if (typeof chunk === 'string') {
    const known = typeof encoding === 'string' && Buffer.isEncoding(encoding)
    return exact([Buffer.from(chunk, known ? encoding : 'utf8')])
  }
  return chunk instanceof Uint8Array ? exact([chunk]) : undefined
}

/** Copies into memory that is not a slice of a shared pool: what an entry holds is then what it weighs. */
function exact(chunks: readonly Uint8Array[], length = chunks[0]?.length ?? 0): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

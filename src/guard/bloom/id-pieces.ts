/** Ids on their way to a server that hashes them itself, in pieces that each fit one short command. */

/** Ids of one piece at most: Lua takes no more than 8,000 arguments at once. */
const MOST_IDS = 2_000
/** Characters of one piece at most, but for an id that is longer itself. */
const MOST_CHARACTERS = 131_072
/** Pieces of a full batch. */
const FULL = 16

/** Collects ids. */
export class IdPieces {
  readonly #pieces: string[][] = []
  #characters = 0

  get isFull(): boolean {
    return this.#pieces.length > FULL
  }

  add(id: string): void {
    const piece = this.#pieces.at(-1)
    this.#characters += id.length
    if (piece !== undefined && piece.length < MOST_IDS && this.#characters <= MOST_CHARACTERS) {
      piece.push(id)
      return
    }
    this.#pieces.push([id])
    this.#characters = id.length
  }

  pieces(): readonly (readonly string[])[] {
    return this.#pieces
  }
}

/** The two kinds of a Bloom filter in Redis, bitmaps of ours and the server's own BF commands: what each can do. */
import type { FilterClient } from './client.ts'

/** How long what a rebuild makes outlives the process that makes it, in ms. */
export const LEASE_MS = 30_000
/** Pieces of one batch that are on their way together. */
const SENT_AT_ONCE = 16

/** What is found of a filter: all of it, not all of it, or the parameters of another one. */
export type Sight = 'whole' | 'missing' | { readonly other: string }

/** Runs a command within the bounds of who asks. */
export type Send = <T>(run: (client: FilterClient) => Promise<T>) => Promise<T>

/** Ids on their way to Redis. */
export interface IdBatch {
  readonly isFull: boolean
  add(id: string): void
}

/** How large a filter is, and how full. */
export interface Fill {
  readonly bits: number
  readonly hashes: number
  /** How many ids it holds, about. */
  readonly count: number
}

/** A filter of one kind. */
export interface FilterKind<Batch extends IdBatch = IdBatch> {
  readonly name: 'bitmap' | 'bf'
  readonly keys: readonly string[]
  /** The keys of what a rebuild is making. */
  readonly next: readonly string[]
  batch(): Batch
  /** One command: whether the id may be in the filter, undefined where it is not there or another one. */
  has(send: Send, id: string): Promise<boolean | undefined>
  /**
   * Adds ids to what is there, and to what a rebuild is about to put in its place.
   *
   * @returns whether what is there took all of them: of a rebuild that is under way, nobody knows whether it will be over
   */
  add(send: Send, batch: Batch): Promise<boolean>
  /** The same for a rebuild alone. */
  addToNext(send: Send, batch: Batch): Promise<boolean>
  /** Makes it anew, beside the one in use. From now on what others add is added to both. */
  prepare(send: Send): Promise<void>
  /** Puts it in the place of the other, of whichever kind; false where it or the claim was lost meanwhile. */
  swap(send: Send, owner: string): Promise<boolean>
  fill(send: Send): Promise<Fill>
}

/** Runs what sends one piece of a batch for each, some at a time; resolves to whether all were taken. */
export async function sendAll<Piece>(
  pieces: Iterable<Piece>,
  sendOne: (piece: Piece) => Promise<boolean>,
): Promise<boolean> {
  let taken = true
  let sent: Promise<boolean>[] = []
  const arrive = async () => {
    for (const one of await Promise.all(sent)) taken &&= one
    sent = []
  }
  for (const piece of pieces) {
    sent.push(sendOne(piece))
    if (sent.length === SENT_AT_ONCE) await arrive()
  }
  await arrive()
  return taken
}

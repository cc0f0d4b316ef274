/** Ids as users give them, one by one or from wherever they come, in batches that fit memory and leave others their turn. */
import { setImmediate } from 'node:timers/promises'
import { describe } from '../../errors.ts'
import type { IdBatch } from './kind.ts'

/** An id; a number is the same as its text. Numbers that JavaScript has rounded (from 2^53 on) are no ids: take a bigint or a text. */
export type FilterId = string | number | bigint

/** Many ids, from an array, a generator, a database's cursor. */
export type Ids = Iterable<FilterId> | AsyncIterable<FilterId>

/** Ids between two turns of the event loop: about 3 ms. */
const TURN = 2_000

/** @throws TypeError for what is no id */
export function idText(id: FilterId): string {
  if (typeof id === 'string') return id
  if (typeof id === 'bigint' || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER)) return String(id)
  throw new TypeError(`Expected an id to be a string or a number (from 2^53 on a bigint), got ${describe(id)}`)
}

/** The ids in batches, at least one. */
export async function* inBatches<Batch extends IdBatch>(ids: Ids, empty: () => Batch): AsyncGenerator<Batch> {
  let batch = empty()
  for await (const some of inTurns(ids)) {
    for (const id of some) batch.add(id)
    if (!batch.isFull) continue
    yield batch
    batch = empty()
  }
  yield batch
}

/** The ids some at a time. Those at hand without a promise for each: that is ten times as fast. */
async function* inTurns(ids: Ids): AsyncGenerator<readonly string[]> {
  let some: string[] = []
  const add = (id: FilterId) => some.push(idText(id)) === TURN
  const taken = () => {
    const full = some
    some = []
    return full
  }
  if (Symbol.iterator in ids) {
    for (const id of ids) {
      if (!add(id)) continue
      yield taken()
      await setImmediate()
    }
  } else {
    for await (const id of ids) if (add(id)) yield taken()
  }
  yield some
}

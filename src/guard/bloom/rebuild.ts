/** Makes a filter anew beside the one in use: one process at a time, and nothing is ever missing meanwhile. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { Batch } from './batch.ts'
import { type Bitmap, LEASE_MS, type Send } from './bitmap.ts'
import { type Ids, inBatches } from './ids.ts'
import type { FilterLayout } from './layout.ts'

/** How often who waits for another's rebuild looks whether it is over, in ms. */
const TURN_MS = 100

/** What a rebuild works with. */
export interface RebuildParts {
  readonly bitmap: Bitmap
  readonly layout: FilterLayout
  readonly send: Send
  readonly clock: Clock
}

/**
 * Waits for its turn, then makes the filter of these ids. What others add from the moment `ids` is called is in it as well.
 *
 * @param wanted asked once it is this one's turn: whether it still is to be done
 * @returns whether it was done; rejects with what `ids` throws, and where Redis loses what was made
 */
export async function rebuild(
  parts: RebuildParts,
  ids: () => Ids | Promise<Ids>,
  wanted: () => Promise<boolean>,
): Promise<boolean> {
  const { bitmap, send, clock, layout } = parts
  const owner = randomUUID()
  while (!(await bitmap.claim(send, owner))) await new Promise<void>((resolve) => clock.after(TURN_MS, resolve))
  const lease = new Lease(parts, owner)
  try {
    if (!(await wanted())) {
      await bitmap.abandon(send, owner)
      return false
    }
    await bitmap.prepare(send)
    for await (const batch of inBatches(await ids(), () => new Batch(layout))) {
      if (!(await bitmap.addToNext(send, batch))) throw lostError()
    }
    if (!(await bitmap.swap(send, owner))) throw lostError()
    return true
  } catch (error) {
    await bitmap.abandon(send, owner).catch(() => undefined)
    throw error
  } finally {
    lease.end()
  }
}

/** Keeps what a rebuild makes alive for as long as it is at work. */
class Lease {
  #cancel = () => {}

  constructor({ bitmap, send, clock }: RebuildParts, owner: string) {
    const renew = () => {
      this.#cancel = clock.after(LEASE_MS / 3, () => {
        renew()
        // Where it cannot be renewed the swap will say so.
        bitmap.extend(send, owner).catch(() => undefined)
      })
    }
    renew()
  }

  end(): void {
    this.#cancel()
  }
}

function lostError(): Error {
  return new Error('Redis lost what this rebuild had made: the filter is as it was before')
}

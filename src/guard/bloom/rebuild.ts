/** Makes a filter anew beside the one in use: one process at a time, and nothing is ever missing meanwhile. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { Claim } from './claim.ts'
import type { FilterKeys } from './filter-keys.ts'
import { type Ids, inBatches } from './ids.ts'
import { type FilterKind, LEASE_MS, type Send } from './kind.ts'

/** How often who waits for another's rebuild looks whether it is over, in ms. */
const TURN_MS = 100

/** What a rebuild works with. */
export interface RebuildParts {
  readonly keys: FilterKeys
  readonly send: Send
  readonly clock: Clock
  /** Of which kind it is to be. */
  readonly kind: () => Promise<FilterKind>
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
  const { keys, send, clock } = parts
  const owner = randomUUID()
  const claim = new Claim(send, keys, owner)
  while (!(await claim.take())) await new Promise<void>((resolve) => clock.after(TURN_MS, resolve))
  const lease = new Lease(clock, claim)
  try {
    if (!(await wanted())) {
      await claim.abandon(undefined)
      return false
    }
    const kind = await parts.kind()
    lease.kind = kind
    await kind.prepare(send)
    for await (const batch of inBatches(await ids(), () => kind.batch())) {
      if (!(await kind.addToNext(send, batch))) throw lostError()
    }
    if (!(await kind.swap(send, owner))) throw lostError()
    return true
  } catch (error) {
    await claim.abandon(lease.kind).catch(() => undefined)
    throw error
  } finally {
    lease.end()
  }
}

/** Keeps what a rebuild makes alive for as long as it is at work. */
class Lease {
  kind: FilterKind | undefined
  #cancel = () => {}

  constructor(clock: Clock, claim: Claim) {
    const renew = () => {
      this.#cancel = clock.after(LEASE_MS / 3, () => {
        renew()
        // Where it cannot be renewed the swap will say so.
        claim.extend(this.kind).catch(() => undefined)
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

// How long after Redis answers again until what one process stores is another's hit.
import { now, pause } from '../../consistency/clock.ts'
import { labelOf } from '../../consistency/stage/label.ts'
import type { Stage } from './stage.ts'

/** Between two attempts, in ms. */
const EVERY = 20
/** For the first process to have told Redis what it stores, in ms. */
const ON_ITS_WAY = 3
/** Then it counts as never, in ms. */
const PATIENCE = 15_000

/**
 * Resolves to the milliseconds from Redis's first answer to a plain PING until L2 works for all; infinity where it never does.
 *
 * @param round names the ids that are asked for, which nobody asked for before
 */
export async function recovery(stage: Stage, round: string): Promise<number> {
  await stage.answers()
  const from = now()
  let took = Number.POSITIVE_INFINITY
  for (let i = 0; took === Number.POSITIVE_INFINITY && now() - from < PATIENCE; i++) {
    void isShared(stage, `/items/${round}-${i}`).then((isShared) => {
      if (isShared) took = Math.min(took, now() - from)
    })
    await pause(EVERY)
  }
  return took
}

async function isShared({ app, peer }: Stage, path: string): Promise<boolean> {
  try {
    await app.clients.get(path)
    await pause(ON_ITS_WAY)
    const { cacheStatus } = await peer.clients.get(path)
    return labelOf(cacheStatus).outcome === 'hit l2'
  } catch {
    return false // The process is being replaced.
  }
}

// A closed loop over a list of ids: each client asks for the next as soon as it has its answer.
import { now } from '../../consistency/clock.ts'
import { labelOf } from '../../consistency/stage/label.ts'
import type { Clients } from './clients.ts'

/** Asks for each id once, so many at a time. */
export async function askForAll(clients: Clients, ids: readonly string[], atOnce: number): Promise<void> {
  const left = [...ids]
  await atOnceDo(atOnce, async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) await clients.get(`/items/${id}`).catch(() => {})
  })
}

/** Resolves to the hits from memory per second. */
export async function memoryHits(
  clients: Clients,
  ids: readonly string[],
  ms: number,
  atOnce: number,
): Promise<number> {
  const start = now()
  let hits = 0
  await atOnceDo(atOnce, async (client) => {
    for (let i = client; now() - start < ms; i++) {
      const reply = await clients.get(`/items/${ids[i % ids.length]}`).catch(() => undefined)
      if (labelOf(reply?.cacheStatus).outcome === 'hit l1') hits++
    }
  })
  return (1_000 * hits) / (now() - start)
}

async function atOnceDo(count: number, work: (client: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => work(i)))
}

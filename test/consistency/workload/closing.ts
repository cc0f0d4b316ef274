// The end of a run: a last write of each tag that is certain, and a last look at everything.
import { eventually } from '../../support/gate.ts'
import type { Promised } from '../history.ts'
import type { Recorder } from '../recorder.ts'
import type { Client } from './client.ts'

/** How long Redis may take to confirm a write when nothing is broken any more, in ms. */
const PATIENCE = 5_000

/** Writes until Redis confirms it: what became of earlier writes, nobody may be left to tell. */
export async function writeLast(client: Client, tag: string, recorder: Recorder): Promise<void> {
  const confirmed = async () => {
    const id = await client.write('after', tag)
    await eventually(() => assert(recorder.isEverywhere(id)), { within: 500 })
  }
  try {
    await eventually(confirmed, { within: PATIENCE, every: 50 })
  } catch {
    recorder.trouble(`No write of ${tag} was confirmed within ${PATIENCE} ms, though nothing is broken any more`)
  }
  client.close()
}

/** Asks for everything once more. */
export async function readLast(
  client: Client,
  routes: readonly Promised[],
  tags: readonly string[],
  recorder: Recorder,
): Promise<void> {
  for (const route of routes) {
    for (const tag of tags) {
      if ((await client.read(route, tag)) === undefined)
        recorder.trouble(`/${route.name}/${tag} was not answered in the end`)
    }
  }
  client.close()
}

function assert(condition: boolean): void {
  if (!condition) throw new Error('Not yet')
}

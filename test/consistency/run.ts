// One run: readers and writers, a fault again and again, quiet, and the history of it all.
import { RECOVERY } from './checks/acknowledged.ts'
import { now, pause } from './clock.ts'
import type { Fault } from './faults/fault.ts'
import type { History } from './history.ts'
import type { Random } from './random.ts'
import { ROUTES } from './routes.ts'
import type { Stage } from './stage/stage.ts'
import { Client, type NextId } from './workload/client.ts'
import { readLast, writeLast } from './workload/closing.ts'
import { Workload } from './workload/workload.ts'

/** What a run is made of. */
export interface RunSettings {
  readonly stage: Stage
  readonly fault: Fault
  readonly random: Random
  readonly nextId: NextId
  /** From the first request to the last. */
  readonly seconds: number
  /** Sessions that read, at each process. */
  readonly readers: number
  /** Tags that are read and written, the first the most often. */
  readonly tags: number
  /** Names of the routes that are read. @default all */
  readonly routes?: readonly string[] | undefined
}

/** Time for caches to fill before the first fault, in ms. */
const WARM_UP = 200
/** What the end of a run takes: everyone recovers, the longest bound passes, all is asked once more, in ms. */
export const COOL_DOWN = RECOVERY + Math.max(...ROUTES.map(({ bound }) => bound)) + 200

/** Runs a fault. Resolves to the history once all processes answer again. */
export async function run(settings: RunSettings): Promise<History> {
  const { stage, fault, random, nextId, seconds, readers } = settings
  const routes = ROUTES.filter(({ name }) => settings.routes?.includes(name) ?? true)
  const end = now() + seconds * 1_000 - COOL_DOWN
  stage.begin(random.fork(), end)
  const { recorder, members } = stage
  const first = nextId()
  const tags = Array.from({ length: settings.tags }, (_, i) => `${first}-${i}`)
  const workload = new Workload({ members, recorder, nextId, random: random.fork(), tags, routes, readers })
  await pause(WARM_UP)
  do await fault.strike(stage)
  while (now() < end)
  await workload.stopWriting()
  const client = (session: string, member: number) =>
    new Client(session, members[member % members.length]!, recorder, nextId)
  await Promise.all(tags.map((tag, i) => writeLast(client('last writer', i), tag, recorder)))
  recorder.quiet(now())
  await pause(COOL_DOWN)
  await workload.stopReading()
  await Promise.all(members.map((_, i) => readLast(client('last reader', i), routes, tags, recorder)))
  return recorder.history()
}

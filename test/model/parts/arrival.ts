// Readers arrive, and their handlers run.

import type { Step } from '../explorer.ts'
import { leastFor } from '../properties.ts'
import { withReader } from './change.ts'
import { finish, run } from './landing.ts'
import { processName, readerName } from './names.ts'
import { meet } from './reader.ts'
import type { Setting } from './scenario.ts'
import type { Reader, State, Writer } from './state.ts'
import { strongArrivals } from './strong.ts'

/** What readers do next by themselves: arrive, and run their handlers. */
export function arrivalSteps(setting: Setting, state: State): Step<State>[] {
  return state.readers.flatMap((reader, r) => {
    const name = readerName(r)
    if (reader.phase === 'away') return isNext(setting, state, r) ? arrivals(setting, state, r) : []
    if (reader.phase === 'answering') return [{ name: `${name}'s handler answers`, state: finish(setting, state, r) }]
    if (reader.phase !== 'running') return []
    const value = state.world.database
    return [{ name: `${name}'s handler reads ${value}`, state: withReader(state, r, { phase: 'answering', value }) }]
  })
}

/** Readers who are alike arrive in their order: nothing is lost by it. The last one waits until nothing else can happen. */
function isNext({ scenario }: Setting, { readers, writers, world }: State, r: number): boolean {
  const isOver = ({ phase }: Reader | Writer) => phase === 'done'
  const isAlone = readers.every((other, i) => i === r || isOver(other)) && writers.every(isOver)
  if (scenario.readers[r]!.last === true) return isAlone && (world.left.tick ?? 0) === 0
  const { at, kind } = readers[r]!
  const alike = (other: Reader) => other.at === at && other.kind === kind
  return !readers.some((other, i) => i < r && alike(other) && other.phase === 'away')
}

function arrivals(setting: Setting, state: State, r: number): Step<State>[] {
  const { at, kind } = state.readers[r]!
  const { up } = state.processes[at]!
  const arrived = withReader(state, r, {
    phase: 'reading',
    least: leastFor(setting, state, r),
    ...(up ? {} : { degraded: true }),
  })
  const name = `${readerName(r)} arrives at ${processName(at)}`
  if (kind !== 'strong') return [{ name, state: meet(setting, arrived, r) }]
  // Degraded, strong requests go around the cache.
  if (!up) return [{ name, state: run(arrived, r, undefined) }]
  return strongArrivals(setting, arrived, r, name)
}

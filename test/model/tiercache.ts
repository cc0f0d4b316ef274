// The model as a whole: its beginning, its steps, and what is wrong with a state.

import type { Model, Step } from './explorer.ts'
import { arrivalSteps } from './parts/arrival.ts'
import { deliverySteps } from './parts/delivery.ts'
import { eventSteps } from './parts/events.ts'
import { faultSteps } from './parts/faults.ts'
import { horizonOf, processesOf, type Scenario, type Setting } from './parts/scenario.ts'
import type { Node, Process, Reader, State } from './parts/state.ts'
import { writerSteps } from './parts/writer.ts'
import { type Assumptions, assumptions, type Safeguards, safeguards } from './protocol.ts'

/** The protocol in a scenario, whole unless told otherwise. */
export function tiercache(
  scenario: Scenario,
  keeps: Safeguards = safeguards,
  assumes: Assumptions = assumptions,
): Model<State> {
  const setting: Setting = { scenario, keeps, assumes }
  return {
    initial: beginning(setting),
    steps: (state) => (isOver(state) ? [] : steps(setting, state)),
    broken: ({ world }) => world.broken,
    encode: (state) => JSON.stringify(state),
  }
}

/** Once every reader has its answer, nothing can go wrong any more. */
const isOver = ({ readers }: State): boolean => readers.every(({ phase }) => phase === 'done')

const steps = (setting: Setting, state: State): Step<State>[] => [
  ...arrivalSteps(setting, state),
  ...writerSteps(setting, state),
  ...deliverySteps(setting, state),
  ...eventSteps(setting, state),
  ...faultSteps(setting, state),
]

function beginning({ scenario, keeps }: Setting): State {
  const tags = Array.from({ length: scenario.tags ?? 1 }, (_, tag) => tag)
  const raw = (tag: number) => (keeps.tokensAreUnique ? `${tag + 1}.${tag + 1}` : '0')
  const token = (tag: number) => (keeps.generationIsPartOfTokens ? `1:${raw(tag)}` : raw(tag))
  const isWarm = scenario.warm === true
  const entry = isWarm ? { value: 0, tokens: tags.map(token) } : undefined
  const session = scenario.deaf === true ? 0 : 1
  const node: Node = {
    generation: 1,
    keys: tags.map((tag) => ({ token: raw(tag) })),
    entry: scenario.shared === true ? entry : undefined,
  }
  const isSplit = scenario.split === true
  const promoted = { ...node, generation: isSplit ? 2 : 1 }
  const nodes = scenario.events?.failover === undefined && !isSplit ? [node] : [node, promoted]
  const process: Process = {
    up: !isSplit,
    commands: { alive: !isSplit, node: 0, generation: 1, queue: [] },
    bus: { alive: true, node: 0, session, queue: [] },
    slots: tags.map((tag) => (isWarm ? { token: token(tag), age: 0, knows: 0, session } : undefined)),
    proof: undefined,
    checked: { age: 0, knows: 0 },
    memory: entry,
    journal: 0,
    locals: 0,
    sessions: session,
    serverTime: tags.length + 1,
    own: 0,
  }
  return {
    world: {
      database: 0,
      acknowledged: Array.from({ length: horizonOf(scenario) + 1 }, () => 0),
      left: { ...scenario.events },
    },
    redis: {
      nodes,
      owner: isSplit ? 1 : 0,
      time: tags.length + 1,
      made: tags.length,
      generations: promoted.generation,
      saved: undefined,
    },
    processes: Array.from({ length: processesOf(scenario) }, () => process),
    writers: scenario.writers.map(() => ({ phase: 'idle' })),
    readers: scenario.readers.map(({ at, kind }): Reader => ({ at, kind: kind ?? 'bounded', phase: 'away', knows: 0 })),
  }
}

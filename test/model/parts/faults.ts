// What happens to Redis: keys and clocks are lost, it restarts from a snapshot, a replica is promoted.

import type { Step } from '../explorer.ts'
import { mayHappen, spent, withBus, withCommands } from './change.ts'
import { tagName } from './names.ts'
import { keyOf, withKey, withNode } from './redis.ts'
import type { Setting } from './scenario.ts'
import type { State, Writer } from './state.ts'
import { isAtWork } from './writer.ts'

/** What of that may happen now. */
export const faultSteps = (setting: Setting, state: State): Step<State>[] => [
  ...memoryFaults(setting, state),
  ...serverFaults(setting, state),
]

function memoryFaults(setting: Setting, state: State): Step<State>[] {
  const { owner, time, nodes } = state.redis
  const steps: Step<State>[] = []
  if (mayHappen(state, 'loseKey') && keyOf(state, owner, 0) !== undefined) {
    steps.push({ name: `the key of ${tagName(0)} is lost`, state: keyLost(spent(state, 'loseKey'), owner) })
  }
  if (mayHappen(state, 'clockBack') && !setting.assumes.serverClocksNeverGoBack) {
    const redis = { ...state.redis, time: time - 3 }
    steps.push({ name: "the server's clock is set back", state: { ...spent(state, 'clockBack'), redis } })
  }
  if (mayHappen(state, 'save')) {
    const redis = { ...state.redis, saved: nodes[owner] }
    steps.push({ name: 'Redis saves a snapshot', state: { ...spent(state, 'save'), redis } })
  }
  return steps
}

/** Writers whose marker it may have been cannot be sure before they renew. */
function keyLost(state: State, owner: number): State {
  const hasMarker = keyOf(state, owner, 0)?.standing !== undefined
  const lost = withKey(state, owner, 0, undefined)
  const hoped = (writer: Writer) => isAtWork(writer) || writer.phase === 'dying'
  const unsure = lost.writers.map((writer) => (hoped(writer) ? { ...writer, unsure: true } : writer))
  return hasMarker ? { ...lost, writers: unsure } : lost
}

function serverFaults(setting: Setting, state: State): Step<State>[] {
  const { owner, nodes } = state.redis
  const steps: Step<State>[] = []
  if (mayHappen(state, 'restart')) steps.push({ name: 'Redis restarts', state: restarted(spent(state, 'restart')) })
  if (owner === 0 && mayHappen(state, 'copyToReplica')) {
    const { keys, entry } = nodes[0]!
    steps.push({ name: 'the replica catches up', state: withNode(spent(state, 'copyToReplica'), 1, { keys, entry }) })
  }
  if (owner === 0 && mayHappen(state, 'failover')) {
    steps.push({ name: 'the replica is promoted', state: promoted(spent(state, 'failover')) })
  }
  if (owner === 1 && mayHappen(state, 'copyToDeposed') && setting.assumes.deposedPrimariesKnowIt) {
    const { keys, entry, generation } = nodes[1]!
    const copied = withNode(spent(state, 'copyToDeposed'), 0, { keys, entry, generation })
    const following: State = { ...copied, redis: { ...copied.redis, follows: true } }
    steps.push({ name: 'the deposed primary becomes a replica of the new one', state: following })
  }
  return steps
}

/** It comes up with its snapshot, or with nothing; every connection to it is gone. */
function restarted(state: State): State {
  const { saved, nodes, generations, owner } = state.redis
  const empty = { keys: nodes[owner]!.keys.map(() => undefined), entry: undefined }
  const { keys, entry } = saved ?? empty
  const generation = generations + 1
  const up = withNode({ ...state, redis: { ...state.redis, generations: generation } }, owner, {
    keys,
    entry,
    generation,
  })
  return up.processes.reduce(
    (present, _, p) => withBus(withCommands(present, p, { alive: false }), p, { alive: false }),
    up,
  )
}

/** Its data may lag behind what the former one acknowledged. Connections to the former one stay until someone breaks them. */
function promoted(state: State): State {
  const generation = state.redis.generations + 1
  return withNode({ ...state, redis: { ...state.redis, owner: 1, generations: generation } }, 1, { generation })
}

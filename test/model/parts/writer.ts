// A request that writes: it commits, bumps, and then its answer leaves.

import type { Step } from '../explorer.ts'
import { withProcess, withWorld, withWriter } from './change.ts'
import { send } from './commands.ts'
import { processName, writerName } from './names.ts'
import { beginIntent, bumpKey, endIntent } from './redis.ts'
import { D, MARKER_LIFE, type Setting } from './scenario.ts'
import type { State, Writer } from './state.ts'
import { makeLocal } from './table.ts'

/** What writers do next by themselves. */
export function writerSteps(setting: Setting, state: State): Step<State>[] {
  return setting.scenario.writers.flatMap(({ intent, at }, w) => {
    if (intent === true) return intentSteps(setting, state, w)
    return at === undefined ? plainSteps(setting, state, w) : ownSteps(state, w, at)
  })
}

function committed(state: State, w: number, phase: Writer['phase']): State {
  const value = state.world.database + 1
  return withWriter(withWorld(state, { database: value }), w, { phase, value })
}

/** The write is acknowledged: from here on the contract binds. */
export function acknowledge(state: State, value: number): State {
  const [former, ...earlier] = state.world.acknowledged
  return withWorld(state, { acknowledged: [Math.max(former!, value), ...earlier] })
}

export const done = (state: State, w: number): State => ({
  ...state,
  writers: state.writers.map((writer, i) => (i === w ? { phase: 'done' } : writer)),
})

/** On a process whose readers we do not watch: only its effects count, and its answer leaves at once. */
function plainSteps(setting: Setting, state: State, w: number): Step<State>[] {
  const { phase, value } = state.writers[w]!
  const name = writerName(w)
  const bumped = () => bumpKey(setting, state, state.redis.owner, 0).state
  if (phase === 'committed') {
    return [{ name: `${name} bumps and answers`, state: done(acknowledge(bumped(), value!), w) }]
  }
  if (phase === 'bumped') {
    const late = committed(state, w, 'done')
    return [{ name: `${name} commits and answers`, state: done(acknowledge(late, late.world.database), w) }]
  }
  if (phase !== 'idle') return []
  if (!setting.keeps.writesBumpAfterTheirCommit) {
    return [{ name: `${name} bumps`, state: withWriter(bumped(), w, { phase: 'bumped' }) }]
  }
  return [{ name: `${name} commits ${state.world.database + 1}`, state: committed(state, w, 'committed') }]
}

/** On a process whose readers we watch: the bump is a command like others. */
function ownSteps(state: State, w: number, at: number): Step<State>[] {
  const { phase } = state.writers[w]!
  const name = `${writerName(w)} on ${processName(at)}`
  if (phase === 'idle')
    return [{ name: `${name} commits ${state.world.database + 1}`, state: committed(state, w, 'committed') }]
  if (phase !== 'committed') return []
  if (!state.processes[at]!.up) return [{ name: `${name} bumps locally and answers`, state: bumpHere(state, w, at) }]
  const sent = send(state, at, { kind: 'bump', writer: w })
  return [{ name: `${name} sends its bump`, state: withWriter(sent, w, { phase: 'bumping' }) }]
}

/** Redis did not confirm: the bump holds here at once, and Redis is told later. */
export function bumpHere(state: State, w: number, at: number): State {
  const value = state.writers[w]!.value!
  const { journal, own } = state.processes[at]!
  const kept = withProcess(state, at, { journal: Math.max(journal, value), own: Math.max(own, value) })
  return done(makeLocal(kept, at, 0), w)
}

export const isAtWork = ({ phase }: Writer): boolean => phase === 'begun' || phase === 'committed'

/** With intent: the marker stands before the handler, and the bump at the end removes it. */
function intentSteps(setting: Setting, state: State, w: number): Step<State>[] {
  const { phase, value } = state.writers[w]!
  const name = writerName(w)
  const commits = `${name} commits ${state.world.database + 1}`
  if (phase === 'idle') {
    const standing = { writer: name, within: MARKER_LIFE }
    return [
      { name: `${name} sets its marker`, state: withWriter(beginIntent(state, 0, standing), w, { phase: 'begun' }) },
    ]
  }
  if (phase === 'begun' && setting.scenario.writers[w]!.endless === true) return []
  if (phase === 'begun')
    return [{ name: commits, state: committed(state, w, 'committed') }, ...deaths(setting, state, w)]
  if (phase === 'dying') {
    if (!mayCommitDead(setting, state, w)) return []
    return [{ name: `the dead ${commits}`, state: left(committed(state, w, 'done'), w) }]
  }
  if (phase !== 'committed') return []
  if (setting.scenario.writers[w]!.dies === 'always') return deaths(setting, state, w)
  const ended = acknowledge(endIntent(setting, state, 0, name), value!)
  return [{ name: `${name} ends its marker and answers`, state: done(ended, w) }, ...deaths(setting, state, w)]
}

/** What it had sent to the database before it died may take effect later: in time, as assumed, and while its marker stands. */
function mayCommitDead(setting: Setting, { writers }: State, w: number): boolean {
  const { within = 0, unsure } = writers[w]!
  const { lastCommitsAreInTime, markersOfTheDeadStand } = setting.assumes
  if (unsure === true && markersOfTheDeadStand) return false
  return within > 0 || !lastCommitsAreInTime
}

function deaths(setting: Setting, state: State, w: number): Step<State>[] {
  const { phase, unsure } = state.writers[w]!
  if (setting.scenario.writers[w]!.dies === undefined) return []
  if (unsure === true && setting.assumes.markersOfTheDeadStand) return []
  const name = `${writerName(w)} dies`
  if (phase === 'committed') return [{ name, state: left(state, w) }]
  return [{ name, state: withWriter(state, w, { phase: 'dying', within: MARKER_LIFE }) }]
}

/** It died after its commit: nobody bumps, so the marker must do. */
function left(state: State, w: number): State {
  const within = MARKER_LIFE + D
  return done(withWorld(state, { owed: { value: state.world.database, within } }), w)
}

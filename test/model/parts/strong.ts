// A strong request: it believes only what was validated after it arrived.

import type { Step } from '../explorer.ts'
import { withCommands, withReader } from './change.ts'
import { send } from './commands.ts'
import { follow, isFlying } from './flight.ts'
import { readerName } from './names.ts'
import { proceed } from './reader.ts'
import { echoesAreChecked, type Setting } from './scenario.ts'
import type { State } from './state.ts'
import { usable } from './table.ts'

/** It asks by a read of the version key, or by an echo, which validates what is held. */
export function strongArrivals(setting: Setting, state: State, r: number, name: string): Step<State>[] {
  const { keeps } = setting
  const { at } = state.readers[r]!
  const { commands, bus } = state.processes[at]!
  const leader = state.readers.findIndex((other, i) => i !== r && other.at === at && isFlying(other))
  if (!keeps.strongRequestsJoinWithTheirOwnVersions && leader !== -1) {
    return [{ name: `${name}, joins ${readerName(leader)}`, state: follow(state, r, leader) }]
  }
  const asked = commands.queue.findIndex(({ ask }) => ask.kind === 'read')
  if (!keeps.strongRequestsAskAnew && asked !== -1) {
    const queue = commands.queue.map((one, i) => (i === asked ? { ...one, askers: [...one.askers, r] } : one))
    return [{ name: `${name}, waits for the read under way`, state: withCommands(state, at, { queue }) }]
  }
  const byRead = { name: `${name}, reads the version`, state: send(state, at, { kind: 'read', tag: 0 }, [r]) }
  if (bus.session === 0) return [byRead]
  return [byRead, { name: `${name}, asks for an echo`, state: askByEcho(setting, state, r) }]
}

function askByEcho(setting: Setting, state: State, r: number): State {
  const { at } = state.readers[r]!
  const { session } = state.processes[at]!.bus
  const waits = echoesAreChecked(setting) ? 2 : 1
  return send(withReader(state, r, { waits, session }), at, { kind: 'echo' }, [r])
}

/** One of the answers it waits for has come. With all of them, a token read under this very subscription was right when it arrived. */
export function heardFor(setting: Setting, state: State, r: number): State {
  const { at, phase, waits = 0, session } = state.readers[r]!
  if (phase !== 'reading' || waits === 0) return state
  const heard = withReader(state, r, { waits: waits - 1 })
  if (waits > 1) return heard
  const { slots, bus } = state.processes[at]!
  const isProven = slots[0]?.session === session && session === bus.session
  const current = isProven ? usable(setting, state, at, 0) : undefined
  if (current === undefined) return send(heard, at, { kind: 'read', tag: 0 }, [r])
  return proceed(setting, heard, r, [current.token], current.knows)
}

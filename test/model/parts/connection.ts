// How a process loses Redis, and trusts it again.
import { withCommands, withProcess } from './change.ts'
import { send } from './commands.ts'
import { over, run } from './landing.ts'
import { settleAll } from './reader.ts'
import type { Setting } from './scenario.ts'
import type { Command, Reader, State } from './state.ts'
import { forgetLocal } from './table.ts'
import { bumpHere } from './writer.ts'

/** Degraded from here on: what was under way is over, and everyone who waited for it goes on without. */
export function lose(setting: Setting, state: State, p: number): State {
  const commands = { ...state.processes[p]!.commands, alive: false, queue: [] }
  const down = allDegraded(withProcess(state, p, { up: false, commands }), p)
  const bumped = setting.scenario.writers.reduce((present, { at }, w) => {
    return at === p && present.writers[w]!.phase === 'bumping' ? bumpHere(present, w, p) : present
  }, down)
  return settleAll(setting, abandon(bumped, p), p)
}

/** C3 holds for all who are there. */
function allDegraded(state: State, p: number): State {
  const isThere = ({ at, phase }: Reader) => at === p && phase !== 'away' && phase !== 'done'
  return {
    ...state,
    readers: state.readers.map((reader) => (isThere(reader) ? { ...reader, degraded: true } : reader)),
  }
}

function abandon(state: State, p: number): State {
  return state.readers.reduce((present, _, r) => {
    const { at, phase, kind, tokens } = present.readers[r]!
    if (at !== p) return present
    if (phase === 'looking') return run(present, r, tokens as string[])
    if (phase === 'reading' && kind === 'strong') return run(present, r, undefined)
    return phase === 'storing' ? over(present, r) : present
  }, state)
}

/** A new connection: nothing but a check is sent before it is answered. */
export function reconnect(state: State, p: number): State {
  const opened = withCommands(state, p, { alive: true, node: state.redis.owner, queue: [] })
  return send(opened, p, { kind: 'check' })
}

/** As a client does by default: what had no answer is sent again on the new connection, in front of everything. */
export function resend(state: State, p: number): State {
  const again = state.processes[p]!.commands.queue.map(({ reply: _, ...command }): Command => command)
  return send(withCommands(state, p, { alive: true, node: state.redis.owner, queue: again }), p, { kind: 'check' })
}

/** The check was good: Redis is asked again. What was made up without it is forgotten. */
export function connected({ keeps }: Setting, state: State, p: number): State {
  const up = withProcess(state, p, { up: true })
  return keeps.localTokensDieOnConnect ? forgetLocal(up, p) : up
}

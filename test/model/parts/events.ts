// What happens to processes: the clock ticks, echoes are asked for, connections break, bumps are told late.

import type { Step } from '../explorer.ts'
import { mayHappen, spent, withBus, withCommands, withWriter } from './change.ts'
import { aged } from './clock.ts'
import { send } from './commands.ts'
import { lose, reconnect, resend } from './connection.ts'
import { subscribeAnew } from './hearing.ts'
import { processName, writerName } from './names.ts'
import { renewIntent } from './redis.ts'
import { MARKER_LIFE, type Setting } from './scenario.ts'
import type { State } from './state.ts'
import { bumpHere, isAtWork } from './writer.ts'

/** What of that may happen now. */
export function eventSteps(setting: Setting, state: State): Step<State>[] {
  return [
    ...ticks(setting, state),
    ...state.processes.flatMap((_, p) => [
      ...echoes(setting, state, p),
      ...cuts(state, p),
      ...reconnections(setting, state, p),
      ...replays(state, p),
    ]),
    ...unconfirmedBumps(setting, state),
  ]
}

function ticks(setting: Setting, state: State): Step<State>[] {
  const isBounded = setting.scenario.events?.tick !== undefined
  if (isBounded && !mayHappen(state, 'tick')) return []
  const pass = (from: State) => aged(setting, isBounded ? spent(from, 'tick') : from)
  const atWork = setting.scenario.writers.flatMap(({ intent }, w) => {
    return intent === true && isAtWork(state.writers[w]!) ? [w] : []
  })
  const renewing = (writers: readonly number[]) => writers.reduce((from, w) => renewed(setting, from, w), state)
  if (!setting.keeps.markersAreRenewed || atWork.length === 0) return [{ name: 'a tick passes', state: pass(state) }]
  const paused = mayHappen(state, 'pauseWriter') ? atWork : []
  return [
    { name: 'markers are renewed, a tick passes', state: pass(renewing(atWork)) },
    ...paused.map((w) => {
      const others = spent(renewing(atWork.filter((other) => other !== w)), 'pauseWriter')
      return {
        name: `a tick passes while ${writerName(w)} is paused`,
        state: pass(withWriter(others, w, { unsure: true })),
      }
    }),
  ]
}

/** Renewed at the last moment: it lives a whole life from now, and one more tick is about to pass. */
function renewed(setting: Setting, state: State, w: number): State {
  const within = 1 + MARKER_LIFE
  return withWriter(renewIntent(setting, state, 0, { writer: writerName(w), within }), w, { unsure: false })
}

function echoes({ scenario }: Setting, state: State, p: number): Step<State>[] {
  if (!mayHappen(state, 'echo') || !state.processes[p]!.up) return []
  const kind = scenario.deaf === true ? 'check' : 'echo'
  const name = `${processName(p)} asks for ${kind === 'echo' ? 'an echo' : 'a check'}`
  return [{ name, state: send(spent(state, 'echo'), p, { kind }) }]
}

function cuts(state: State, p: number): Step<State>[] {
  const { commands, bus } = state.processes[p]!
  const steps: Step<State>[] = []
  if (bus.alive && mayHappen(state, 'cutBus')) {
    const cut = withBus(spent(state, 'cutBus'), p, { alive: false })
    steps.push({ name: `${processName(p)}'s subscriber is cut off`, state: cut })
  }
  if (commands.alive && mayHappen(state, 'cutCommands')) {
    const cut = withCommands(spent(state, 'cutCommands'), p, { alive: false })
    steps.push({ name: `${processName(p)}'s commands are cut off`, state: cut })
  }
  return steps
}

/** Until a process notices, a connection that was cut is only silent. */
function reconnections(setting: Setting, state: State, p: number): Step<State>[] {
  const { commands, bus, up } = state.processes[p]!
  const name = processName(p)
  const steps: Step<State>[] = []
  if (!bus.alive) steps.push({ name: `${name} subscribes anew`, state: subscribeAnew(setting, state, p) })
  if (commands.alive) return steps
  if (!up) return [...steps, { name: `${name} connects`, state: reconnect(state, p) }]
  if (setting.keeps.commandsAreNotSentAgain) {
    return [...steps, { name: `${name} loses Redis`, state: lose(setting, state, p) }]
  }
  return [...steps, { name: `${name} connects and sends again`, state: resend(state, p) }]
}

function replays(state: State, p: number): Step<State>[] {
  const { up, journal, commands } = state.processes[p]!
  if (!up || journal === 0 || commands.queue.some(({ ask }) => ask.kind === 'replay')) return []
  return [{ name: `${processName(p)} replays its journal`, state: send(state, p, { kind: 'replay', value: journal }) }]
}

function unconfirmedBumps({ scenario }: Setting, state: State): Step<State>[] {
  if (!mayHappen(state, 'unconfirmed')) return []
  return state.writers.flatMap(({ phase }, w) => {
    if (phase !== 'bumping') return []
    const at = scenario.writers[w]!.at!
    const bumped = bumpHere(spent(state, 'unconfirmed'), w, at)
    const { queue } = bumped.processes[at]!.commands
    const refused = withCommands(bumped, at, { queue: queue.filter(({ ask }) => ask.kind !== 'bump') })
    return [
      { name: `${writerName(w)}'s bump is late: it answers, bumped locally`, state: bumped },
      { name: `${writerName(w)}'s bump is refused: it answers, bumped locally`, state: refused },
    ]
  })
}

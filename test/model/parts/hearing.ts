// What a process does with what its subscriber connection brings.
import { withBus, withProcess, withReader } from './change.ts'
import { contradict, send } from './commands.ts'
import { effective } from './redis.ts'
import type { Setting } from './scenario.ts'
import type { Message, State, Token } from './state.ts'
import { heardFor } from './strong.ts'
import { withSlot } from './table.ts'

export function hear(setting: Setting, state: State, p: number, message: Message): State {
  if (message.kind === 'bump') return hearBump(setting, state, p, message.tag, message.token)
  const { age, knows, askers } = message
  const proven = withProcess(state, p, { proof: { age, knows, session: state.processes[p]!.bus.session } })
  return askers.reduce((present, r) => heardFor(setting, present, r), proven)
}

/** Another token than ours makes forget, and voids the reads under way. */
function hearBump({ keeps, ...rest }: Setting, state: State, p: number, tag: number, token: Token): State {
  const { slots, commands, bus } = state.processes[p]!
  const present = effective({ keeps, ...rest }, commands.generation, token)
  const voided = keeps.messagesVoidReads ? contradict(state, p, tag, token) : state
  if (!keeps.messagesOnlyMakeForget) {
    return withSlot(voided, p, tag, { token: present, age: 0, knows: 0, session: bus.session })
  }
  const slot = slots[tag]
  return slot === undefined || slot.token === present ? voided : withSlot(voided, p, tag, undefined)
}

/** Nothing that still comes counts. */
export function unsubscribe(state: State, p: number): State {
  if (state.processes[p]!.bus.session === 0) return state
  return withBus(state, p, { alive: false, session: 0, queue: [] })
}

/** A new subscription: what was said meanwhile is lost, so what was read before it is not proven by its echoes. */
export function subscribeAnew({ keeps }: Setting, state: State, p: number): State {
  const { sessions, bus, slots } = state.processes[p]!
  const session = sessions + 1
  const fresh = { alive: true, node: state.redis.owner, session, queue: [] }
  const subscribed = withProcess(withBus(state, p, fresh), p, { sessions: session })
  const kept = keeps.silenceProvesNothing
    ? subscribed
    : withProcess(subscribed, p, {
        slots: slots.map((slot) => (slot?.session === bus.session ? { ...slot, session } : slot)),
      })
  // Who waited for an echo reads instead.
  return kept.readers.reduce((present, { at, phase, waits = 0 }, r) => {
    if (at !== p || phase !== 'reading' || waits === 0) return present
    return send(withReader(present, r, { waits: 0 }), p, { kind: 'read', tag: 0 }, [r])
  }, kept)
}

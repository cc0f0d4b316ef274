// What a process does with the answers to its commands.
import { withProcess } from './change.ts'
import { send } from './commands.ts'
import { connected, lose } from './connection.ts'
import { unsubscribe } from './hearing.ts'
import { answer, lateTokenCame, run } from './landing.ts'
import { proceed, settleAll } from './reader.ts'
import { effective } from './redis.ts'
import type { Setting } from './scenario.ts'
import type { Command, Entry, Reply, State } from './state.ts'
import { heardFor } from './strong.ts'
import { enter, forgetAll, withSlot } from './table.ts'
import { acknowledge, done } from './writer.ts'

export function receive(setting: Setting, state: State, p: number, command: Command, reply: Reply): State {
  const { ask } = command
  const isRefused = (ask.kind === 'bump' || ask.kind === 'replay') && reply.token === undefined
  if (isRefused) return lose(setting, state, p)
  switch (ask.kind) {
    case 'read':
      return receiveRead(setting, state, p, ask.tag, command, reply)
    case 'bump':
      return receiveBump(setting, state, p, ask.writer, command, reply)
    case 'replay':
      return receiveReplay(setting, state, p, ask.value)
    case 'look':
      return receiveLook(state, ask.reader, reply.entry)
    case 'echo':
    case 'check':
      return receiveCheck(setting, state, p, command, reply)
    case 'store':
      return state
  }
}

function receiveRead(setting: Setting, state: State, p: number, tag: number, command: Command, reply: Reply): State {
  const { scenario, keeps } = setting
  const { ask, askers, heard } = command
  const isChecked = scenario.checks === true && keeps.readsAreChecked
  if (isChecked && !reply.owns) return lose(setting, state, p)
  const checked = isChecked ? adopt(setting, state, p, command, reply) : state
  // Which of the two is newer, only Redis knows.
  if (heard !== undefined && heard !== reply.token) return send(checked, p, ask, askers)
  const token = effective(setting, checked.processes[p]!.commands.generation, reply.token!)
  const entered = enter(setting, checked, p, tag, token, command)
  const told = askers.reduce((present, r) => {
    const { phase } = present.readers[r]!
    if (phase === 'storing') return lateTokenCame(setting, present, r, token)
    if (phase !== 'reading') return present
    // A bump of this process that Redis does not know of yet: nothing here can tell what is right.
    if (keeps.journalComesBeforeTrust && present.processes[p]!.journal > 0) return run(present, r, undefined)
    return proceed(setting, present, r, [token], command.knows)
  }, entered)
  return settleAll(setting, told, p)
}

/** The server is the owner; if its data has another history than what we hold, we hold nothing. */
function adopt(setting: Setting, state: State, p: number, { age, knows }: Command, reply: Reply): State {
  const { generation, time } = reply
  const known = withProcess(state, p, { checked: { age, knows }, serverTime: time })
  const { commands } = known.processes[p]!
  if (commands.generation === generation) return known
  const changed = withProcess(forgetAll(known, p), p, { commands: { ...commands, generation } })
  // The subscription may stand at a server that did not hear all that this one told.
  return setting.keeps.subscriptionsAreOfTheSameHistory ? unsubscribe(changed, p) : changed
}

function receiveCheck(setting: Setting, state: State, p: number, command: Command, reply: Reply): State {
  if (!reply.owns) return lose(setting, state, p)
  const known = adopt(setting, state, p, command, reply)
  const opened = known.processes[p]!.up ? known : connected(setting, known, p)
  return command.askers.reduce((present, r) => heardFor(setting, present, r), opened)
}

function receiveBump(setting: Setting, state: State, p: number, w: number, command: Command, reply: Reply): State {
  const { phase, value } = state.writers[w]!
  const token = effective(setting, state.processes[p]!.commands.generation, reply.token!)
  const agrees = command.heard === undefined || command.heard === reply.token
  // Someone else bumped around the same time: which token came last, the next read tells.
  const held = agrees ? enter(setting, state, p, 0, token, command) : withSlot(state, p, 0, undefined)
  if (phase !== 'bumping') return held
  const own = Math.max(state.processes[p]!.own, value!)
  return done(withProcess(acknowledge(held, value!), p, { own }), w)
}

function receiveReplay(setting: Setting, state: State, p: number, value: number): State {
  const confirmed = acknowledge(state, value)
  if (state.processes[p]!.journal !== value) return confirmed
  return settleAll(setting, withSlot(withProcess(confirmed, p, { journal: 0 }), p, 0, undefined), p)
}

function receiveLook(state: State, r: number, entry: Entry | undefined): State {
  const { at, tokens, phase } = state.readers[r]!
  if (phase !== 'looking') return state
  if (entry === undefined || entry.tokens.join() !== tokens!.join()) return run(state, r, tokens as string[])
  return answer(withProcess(state, at, { memory: entry }), r, entry.value)
}

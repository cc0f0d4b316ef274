// Redis takes commands; processes receive what it answers.

import type { Step } from '../explorer.ts'
import { withBus, withCommand, withCommands } from './change.ts'
import { hear } from './hearing.ts'
import { processName, readerName, tagName, writerName } from './names.ts'
import { receive } from './receiving.ts'
import { bumpKey, hears, readKey, withNode } from './redis.ts'
import { echoesAreChecked, type Setting } from './scenario.ts'
import type { Ask, Command, Reply, State } from './state.ts'

/** What can be delivered next: on each connection the first in line. */
export function deliverySteps(setting: Setting, state: State): Step<State>[] {
  return state.processes.flatMap((_, p) => [
    ...served(setting, state, p),
    ...received(setting, state, p),
    ...heard(setting, state, p),
  ])
}

/** Where servers never change it is of no interest who answers. */
const NOBODY = { generation: 1, owns: true, time: 0 }

/** In traces: what is asked. */
function nameOfAsk(ask: Ask): string {
  switch (ask.kind) {
    case 'read':
      return `the read of ${tagName(ask.tag)}`
    case 'bump':
      return `${writerName(ask.writer)}'s bump`
    case 'look':
      return `${readerName(ask.reader)}'s look into L2`
    case 'store':
      return `the store of ${ask.entry.value} in L2`
    default:
      return `the ${ask.kind}`
  }
}

function served(setting: Setting, state: State, p: number): Step<State>[] {
  const { alive, queue } = state.processes[p]!.commands
  const index = queue.findIndex(({ reply }) => reply === undefined)
  if (!alive || index === -1) return []
  const command = queue[index]!
  const { state: after, reply } = serve(setting, state, p, command)
  const name = `Redis serves ${processName(p)} ${nameOfAsk(command.ask)}${reply.token === undefined ? '' : ` = ${reply.token}`}`
  const rest = queue.filter((_, i) => i !== index)
  // Nobody waits for what these answer.
  const isNotice = command.ask.kind === 'store' || (command.ask.kind === 'echo' && !echoesAreChecked(setting))
  if (isNotice) return [{ name, state: withCommands(after, p, { queue: rest }) }]
  if (setting.scenario.instant !== true) return [{ name, state: withCommand(after, p, index, { reply }) }]
  return [{ name, state: receive(setting, withCommands(after, p, { queue: rest }), p, command, reply) }]
}

function serve(setting: Setting, state: State, p: number, command: Command): { state: State; reply: Reply } {
  const { ask } = command
  const { node } = state.processes[p]!.commands
  const { generation, entry } = state.redis.nodes[node]!
  const owns = node === state.redis.owner || !setting.assumes.deposedPrimariesKnowIt
  const identity = setting.scenario.checks === true ? { generation, owns, time: state.redis.time } : NOBODY
  switch (ask.kind) {
    case 'read': {
      const { state: after, token } = readKey(setting, state, node, ask.tag)
      return { state: after, reply: { ...identity, token } }
    }
    case 'bump':
    case 'replay': {
      // A replica takes no writes.
      if (node !== state.redis.owner) return { state, reply: identity }
      const { state: after, token } = bumpKey(setting, state, node, 0)
      return { state: after, reply: { ...identity, token } }
    }
    case 'look':
      return { state, reply: { ...identity, entry } }
    case 'store':
      return { state: withNode(state, node, { entry: ask.entry }), reply: identity }
    case 'echo':
      return { state: echoed(state, p, command), reply: identity }
    case 'check': {
      // Only who compares tokens with it needs to see it go on.
      const time = state.redis.time + (state.readers.some(({ kind }) => kind === 'late') ? 1 : 0)
      return { state: { ...state, redis: { ...state.redis, time } }, reply: { ...identity, time } }
    }
  }
}

/** Published like a bump: it takes the way that bumps take by now. */
function echoed(state: State, p: number, { age, knows, askers }: Command): State {
  const { bus, commands } = state.processes[p]!
  if (!hears(state, bus, commands.node)) return state
  return withBus(state, p, { queue: [...bus.queue, { kind: 'echo', age, knows, askers }] })
}

function received(setting: Setting, state: State, p: number): Step<State>[] {
  const [command, ...queue] = state.processes[p]!.commands.queue
  if (command?.reply === undefined) return []
  const name = `${processName(p)} receives the answer to ${nameOfAsk(command.ask)}`
  return [{ name, state: receive(setting, withCommands(state, p, { queue }), p, command, command.reply) }]
}

function heard(setting: Setting, state: State, p: number): Step<State>[] {
  const [message, ...queue] = state.processes[p]!.bus.queue
  if (message === undefined) return []
  const what = message.kind === 'echo' ? 'its echo' : `of ${tagName(message.tag)} = ${message.token}`
  return [{ name: `${processName(p)} hears ${what}`, state: hear(setting, withBus(state, p, { queue }), p, message) }]
}

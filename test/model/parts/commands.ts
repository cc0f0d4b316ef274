// Commands on their way: what is sent, and what is heard of a tag while a read of it is under way.
import { withCommands } from './change.ts'
import type { Ask, Command, State, Token } from './state.ts'
import { sentNow } from './table.ts'

/** Sends a command; `askers` are the readers who take this very answer. */
export function send(state: State, process: number, ask: Ask, askers: readonly number[] = []): State {
  const { commands, bus } = state.processes[process]!
  const command: Command = { ask, ...sentNow(state), session: bus.session, askers }
  return withCommands(state, process, { queue: [...commands.queue, command] })
}

/** Whether the tag is being read. */
export function isReading(state: State, process: number, tag: number): boolean {
  return state.processes[process]!.commands.queue.some(({ ask }) => ask.kind === 'read' && ask.tag === tag)
}

/** Tells all work on the tag that it has this token, or is about to get it. */
export function contradict(state: State, process: number, tag: number, heard: Token): State {
  const { queue } = state.processes[process]!.commands
  const concerns = ({ ask }: Command) => (ask.kind === 'read' ? ask.tag === tag : ask.kind === 'bump' && tag === 0)
  if (!queue.some(concerns)) return state
  return withCommands(state, process, {
    queue: queue.map((command) => (concerns(command) ? { ...command, heard } : command)),
  })
}

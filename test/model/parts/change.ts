// Small changes to immutable states.
import type { Bus, Command, Commands, Process, Reader, State, World, Writer } from './state.ts'

/** The list with one element changed. */
export function changed<T>(list: readonly T[], index: number, change: (element: T) => T): readonly T[] {
  return list.map((element, i) => (i === index ? change(element) : element))
}

export const withWorld = (state: State, change: Partial<World>): State => ({
  ...state,
  world: { ...state.world, ...change },
})

export const withProcess = (state: State, process: number, change: Partial<Process>): State => ({
  ...state,
  processes: changed(state.processes, process, (former) => ({ ...former, ...change })),
})

export const withCommands = (state: State, process: number, change: Partial<Commands>): State =>
  withProcess(state, process, { commands: { ...state.processes[process]!.commands, ...change } })

export const withBus = (state: State, process: number, change: Partial<Bus>): State =>
  withProcess(state, process, { bus: { ...state.processes[process]!.bus, ...change } })

export const withReader = (state: State, reader: number, change: Partial<Reader>): State => ({
  ...state,
  readers: changed(state.readers, reader, (former) => ({ ...former, ...change })),
})

/** The reader as it is from now on. */
export const asReader = (state: State, reader: number, present: Reader): State => ({
  ...state,
  readers: changed(state.readers, reader, () => present),
})

export const withWriter = (state: State, writer: number, change: Partial<Writer>): State => ({
  ...state,
  writers: changed(state.writers, writer, (former) => ({ ...former, ...change })),
})

/** The queue with one command changed. */
export const withCommand = (state: State, process: number, index: number, change: Partial<Command>): State =>
  withCommands(state, process, {
    queue: changed(state.processes[process]!.commands.queue, index, (former) => ({ ...former, ...change })),
  })

/** One fault fewer left of this kind. */
export function spent(state: State, event: string): State {
  const { left } = state.world
  return withWorld(state, { left: { ...left, [event]: (left[event] ?? 0) - 1 } })
}

/** Whether this may still happen. */
export const mayHappen = ({ world }: State, event: string): boolean => (world.left[event] ?? 0) > 0

/** The newest value acknowledged so far. */
export const acknowledged = ({ world }: State): number => world.acknowledged[0]!

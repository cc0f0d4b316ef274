// Time passes in ticks. Instants are kept as ages and deadlines as ticks to come, so that the clock may run for ever in finitely many states.
import { horizonOf, type Setting } from './scenario.ts'
import type { Bus, Command, Key, Message, Process, Slot, State, Validation, Writer } from './state.ts'

/** One tick later. What is older than every patience grows no older. */
export function aged(setting: Setting, state: State): State {
  const horizon = horizonOf(setting.scenario)
  const { world, redis } = state
  const older = <T extends Validation>(one: T): T => (one.age >= horizon ? one : { ...one, age: one.age + 1 })
  return {
    ...state,
    world: {
      ...world,
      acknowledged: [world.acknowledged[0]!, ...world.acknowledged.slice(0, horizon)],
      ...(world.owed === undefined ? {} : { owed: { ...world.owed, within: Math.max(-1, world.owed.within - 1) } }),
    },
    redis: { ...redis, nodes: redis.nodes.map((node) => ({ ...node, keys: node.keys.map(agedKey) })) },
    processes: state.processes.map((process) => agedProcess(setting, process, older)),
    writers: state.writers.map(agedWriter),
  }
}

/** A marker whose writers all stopped renewing vanishes. */
function agedKey(key: Key | undefined): Key | undefined {
  if (key?.standing === undefined) return key
  const standing = key.standing.map(({ writer, within }) => ({ writer, within: Math.max(0, within - 1) }))
  return standing.every(({ within }) => within === 0) ? undefined : { ...key, standing }
}

function agedProcess(setting: Setting, process: Process, older: <T extends Validation>(one: T) => T): Process {
  const { slots, proof, checked, commands, bus } = process
  return {
    ...process,
    slots: slots.map((slot) => slot && (isUseless(setting, slot, bus) ? undefined : older(slot))),
    proof: proof && older(proof),
    checked: setting.scenario.checks === true ? older(checked) : checked,
    commands: { ...commands, queue: commands.queue.map((command): Command => older(command)) },
    bus: {
      ...bus,
      queue: bus.queue.map((message): Message => (message.kind === 'echo' ? older(message) : message)),
    },
  }
}

/** Too old for everyone after this tick, and no echo can prove it: it may as well be forgotten, which makes for fewer states. */
function isUseless({ scenario, keeps }: Setting, { age, session }: Slot, bus: Bus): boolean {
  const isProvable = session > 0 && session === bus.session
  return keeps.validationsExpire && age + 1 >= horizonOf(scenario) && !isProvable
}

function agedWriter(writer: Writer): Writer {
  return writer.within === undefined ? writer : { ...writer, within: Math.max(0, writer.within - 1) }
}

// Connections between processes and Redis are cut, slow, deaf or dead without a word.
import type { Condition, Role } from '../stage/fault-proxy.ts'
import type { Stage } from '../stage/stage.ts'
import type { Fault } from './fault.ts'

export const clientKill: Fault = {
  name: 'client-kill',
  about: 'CLIENT KILL of all connections, of those that ask or of those that hear',
  async strike(stage) {
    const type = stage.random.pick(['normal', 'pubsub'])
    await stage.outage(async () => {
      await stage.redis.primary.cli('CLIENT', 'KILL', 'TYPE', type)
    })
    await stage.pause(50, 700)
  },
}

/** How a network breaks. */
interface Break {
  readonly name: string
  readonly about: string
  readonly roles: readonly Role[]
  readonly condition: (stage: Stage) => Condition
  /** For how long, in ms. @default [100, 1_600] */
  readonly lasts?: readonly [low: number, high: number]
}

/** For one process, one of its two connections or both. */
function network({ name, about, roles, condition: conditionOf, lasts = [100, 1_600] }: Break): Fault {
  return {
    name,
    about,
    async strike(stage) {
      const member = stage.pickMember()
      const condition = conditionOf(stage)
      const set = async (now: Condition) => {
        for (const role of roles) await stage.setNetwork(member, role, now)
      }
      const work = async () => {
        await set(condition)
        await stage.pause(...lasts)
        await set('pass')
      }
      // Without commands Redis is lost; without messages it is not.
      await (roles.includes('commands') ? stage.outage(work) : work())
      await stage.pause(100, 500)
    },
  }
}

const drop = () => 'drop' as const
const halfOpen = () => 'halfOpen' as const
/** Mostly so little that Redis still answers in time. */
const slow = ({ random }: Stage) => ({ delay: random.chance(0.7) ? random.between(2, 30) : random.between(30, 150) })
const late = ({ random }: Stage) => ({ delay: random.between(5, 120) })

const commands = ['commands'] as const
const messages = ['messages'] as const
const both = [...commands, ...messages]

/** Every way in which a network breaks, for each connection of a process. */
export const networkFaults: readonly Fault[] = [
  {
    name: 'cut-off',
    about: 'nothing arrives at a process',
    roles: both,
    condition: drop,
    lasts: [500, 2_500] as const,
  },
  { name: 'drop-commands', about: 'commands and replies do not arrive', roles: commands, condition: drop },
  { name: 'drop-messages', about: 'messages do not arrive', roles: messages, condition: drop },
  { name: 'delay-commands', about: 'commands and replies arrive late', roles: commands, condition: slow },
  { name: 'delay-messages', about: 'messages arrive late', roles: messages, condition: late },
  {
    name: 'half-open-commands',
    about: 'the line for commands ends without a word',
    roles: commands,
    condition: halfOpen,
  },
  {
    name: 'half-open-messages',
    about: 'the line for messages ends without a word',
    roles: messages,
    condition: halfOpen,
  },
].map(network)

/** One of them by its name. */
export function networkFault(name: string): Fault {
  const fault = networkFaults.find((one) => one.name === name)
  if (fault === undefined) throw new Error(`No network fault is called ${name}`)
  return fault
}

export const pauseDeaf: Fault = {
  name: 'pause-deaf',
  about: 'a process stands still while messages for it are lost',
  async strike(stage) {
    const member = stage.pickMember()
    await stage.setNetwork(member, 'messages', 'drop')
    await member.freeze()
    await stage.pause(100, 2_000)
    member.thaw()
    await stage.pause(0, 1_000)
    await stage.setNetwork(member, 'messages', 'pass')
    await stage.pause(0, 300)
  },
}

export const pauseReading: Fault = {
  name: 'pause-reading',
  about: 'a process that hears nothing stands still while replies are on their way to it',
  async strike(stage) {
    const member = stage.pickMember()
    await stage.setNetwork(member, 'messages', 'drop')
    // By then it knows that it is deaf, and asks for whatever it needs.
    await stage.pause(700, 900)
    await stage.setNetwork(member, 'commands', 'mute')
    await stage.pause(30, 80)
    await member.freeze()
    await stage.setNetwork(member, 'commands', 'pass')
    await stage.pause(700, 1_500)
    member.thaw()
    await stage.pause(200, 400)
    await stage.setNetwork(member, 'messages', 'pass')
  },
}

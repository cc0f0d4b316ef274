// What happens to Redis.
import type { ProxyMode } from '../../support/tcp-proxy.ts'
import type { Stage } from './stage.ts'

/** A kind of trouble, on command. */
export interface Fault {
  readonly name: string
  /** One line for people. */
  readonly about: string
  /** The processes begin under it. */
  readonly atBoot?: true
  /** How long it lasts under load, in s; else as long as was asked for. */
  readonly lasts?: { readonly usual: number; readonly quick: number }
  inject(stage: Stage): Promise<void>
  heal(stage: Stage): Promise<void>
}

const network = (name: string, about: string, mode: ProxyMode): Fault => ({
  name,
  about,
  inject: ({ proxy }) => proxy.set(mode),
  heal: ({ proxy }) => proxy.set('pass'),
})

const configured = async ({ redis }: Stage, setting: string, value: string) => {
  await redis.cli('CONFIG', 'SET', setting, value)
}

export const FAULTS: readonly Fault[] = [
  network('refused', 'the port is closed', 'refuse'),
  network('reset', 'every connection is reset', 'reset'),
  {
    name: 'frozen',
    about: 'SIGSTOP: connections stay open, nothing answers',
    inject: ({ redis }) => redis.freeze(),
    heal: async ({ redis }) => redis.thaw(),
  },
  network('slow', 'each answer takes a second', { delay: 500 }),
  network('half-open', 'the server is gone, and nobody told the connections', 'halfOpen'),
  {
    name: 'auth',
    about: 'the password was changed: connections are closed, new ones refused',
    async inject(stage) {
      await configured(stage, 'requirepass', 'another')
      for (const type of ['normal', 'pubsub']) await stage.redis.cli('CLIENT', 'KILL', 'TYPE', type)
    },
    heal: (stage) => configured(stage, 'requirepass', ''),
  },
  {
    name: 'down-at-boot',
    about: 'the processes start without Redis',
    atBoot: true,
    async inject(stage) {
      await stage.proxy.set('refuse')
      await stage.reboot()
    },
    heal: ({ proxy }) => proxy.set('pass'),
  },
  {
    name: 'oom',
    about: 'maxmemory is reached, nothing is evicted: writes are refused',
    inject: (stage) => configured(stage, 'maxmemory', '1'),
    heal: (stage) => configured(stage, 'maxmemory', '0'),
  },
  {
    name: 'killed',
    about: 'killed; a new server, empty, takes its place after a minute',
    lasts: { usual: 60, quick: 5 },
    inject: ({ redis }) => redis.kill(),
    heal: ({ redis }) => redis.start(),
  },
]

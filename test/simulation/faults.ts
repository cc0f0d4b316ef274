// What goes wrong in a simulation, by name.
import type { Member } from './member.ts'
import type { World } from './world.ts'

/** A fault by name. */
export interface Fault {
  readonly name: string
  /** Does it once and sees to it that it is over within the ms it returns. */
  strike(world: World): number
}

/** How long something lasts: mostly short, now and then long. */
function lasting(world: World, most: number): number {
  return 20 + world.random.next() ** 3 * most
}

function killed(world: World, member: Member): number {
  if (!member.isAlive) return 0
  const ms = lasting(world, 2_000)
  world.kill(member)
  world.queue.after(ms, () => member.restart())
  return ms
}

/** For one process, on its connection for commands, for messages or on both. */
function network(
  name: string,
  roles: readonly ('commands' | 'messages')[],
  begin: (link: Member['links']['commands'], world: World) => void,
): Fault {
  return {
    name,
    strike(world) {
      const { links } = world.pickMember()
      const ms = lasting(world, 3_000)
      for (const role of roles) {
        begin(links[role], world)
        world.queue.after(ms, () => {
          links[role].extra = 0
          links[role].refuses = false
          links[role].thaw()
        })
      }
      return ms
    },
  }
}

const networks = (
  [
    ['commands', ['commands']],
    ['messages', ['messages']],
    ['both', ['commands', 'messages']],
  ] as const
).flatMap(([name, roles]) => [
  network(`stuck-${name}`, roles, (link) => link.stick()),
  network(`slow-${name}`, roles, (link, { random }) => {
    link.extra = random.pick([10, 60, 150, 400])
  }),
  network(`cut-${name}`, roles, (link, { random }) => {
    link.cut()
    link.refuses = random.chance(0.5)
  }),
  network(`half-open-${name}`, roles, (link, { random }) => {
    link.sever()
    if (random.chance(0.5)) link.stick()
  }),
])

const single: readonly Fault[] = [
  { name: 'none', strike: () => 0 },
  {
    name: 'pause-app',
    strike(world) {
      const ms = lasting(world, 6_000)
      world.pickMember().life.process.stop(ms)
      return ms
    },
  },
  {
    name: 'pause-asking',
    strike(world) {
      const { life, links } = world.pickMember()
      const ms = lasting(world, 6_000)
      const deaf = world.random.chance(0.5)
      links.commands.sent = () => {
        links.commands.sent = () => undefined
        if (deaf) links.messages.sever()
        life.process.stop(ms)
      }
      return ms + 300
    },
  },
  { name: 'kill-app', strike: (world) => killed(world, world.pickMember()) },
  {
    name: 'kill-writer',
    strike(world) {
      const victim = world.members.find(({ life }) => life.writer.unsettled.size > 0)
      return victim === undefined ? world.awaitWriter((member) => killed(world, member)) : killed(world, victim)
    },
  },
  {
    name: 'pause-redis',
    strike(world) {
      const ms = lasting(world, 3_000)
      world.site.primary.stop(ms)
      return ms
    },
  },
  {
    name: 'restore-redis',
    strike(world) {
      const { primary } = world.site
      const snapshot = primary.store.snapshot()
      const untilDeath = lasting(world, 1_500)
      const down = lasting(world, 1_500)
      const loading = lasting(world, 300)
      const withMachine = world.random.chance(0.3)
      world.queue.after(untilDeath, () => {
        if (world.site.primary === primary) world.site.restart(primary, snapshot, { down, loading, withMachine })
      })
      return untilDeath + down + loading
    },
  },
  {
    name: 'flush',
    strike({ site }) {
      site.primary.store.flush()
      return 0
    },
  },
  {
    name: 'evict',
    strike({ site: { primary }, random }) {
      const part = random.next()
      for (const key of primary.store.keys) if (random.chance(part)) primary.store.delete(key)
      return 0
    },
  },
  {
    name: 'full',
    strike({ site: { primary }, random, queue }) {
      primary.store.full = true
      for (const key of primary.store.keys) if (random.chance(0.5)) primary.store.delete(key)
      const ms = 20 + random.next() * 1_000
      queue.after(ms, () => {
        primary.store.full = false
      })
      return ms
    },
  },
  {
    name: 'meddle',
    strike({ site: { primary }, random }) {
      const keys = primary.store.keys.filter((key) => key.includes(':v:') && random.chance(0.5))
      for (const key of keys) {
        if (random.chance(0.4)) primary.store.delete(key)
        else primary.store.set(key, random.pick(['1', 'something else']), 60_000)
      }
      return 0
    },
  },
  {
    name: 'client-kill',
    strike({ site: { primary }, random }) {
      const part = random.pick([0.5, 1])
      primary.disconnect(() => random.chance(part))
      return 0
    },
  },
  {
    name: 'clock-jump',
    strike({ site: { primary }, random }) {
      primary.jump(random.between(-5_000, 5_000))
      return 0
    },
  },
  {
    name: 'promote',
    strike(world) {
      const { site, random, queue } = world
      const former = site.primary
      const replica = site.attach(random.pick([1, 50, 600]))
      const until = 200 + lasting(world, 2_000)
      const gap = lasting(world, 800)
      const dies = random.chance(0.5)
      queue.after(until, () => {
        if (site.primary !== former || !former.alive) return
        site.promote(replica, { gap, dies })
      })
      return until + gap + 1_000
    },
  },
]

/** Every fault alone, and all together. */
export const allFaults: readonly Fault[] = [
  ...single,
  ...networks,
  {
    name: 'mixed',
    strike: (world) => world.random.pick([...single.slice(1), ...networks]).strike(world),
  },
]

// A Redis user who may not do all that the cache does: what is lost is told once, with the clause it costs, and requests go on.
import { expect } from 'chai'
import { expressHarness, koaHarness, type Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { seenWithinBound } from '../topology/lag.ts'
import { PATIENT, Things } from '../topology/things.ts'

interface Case {
  /** What is taken from a user who may do everything. */
  readonly rules: readonly string[]
  /** What the one event about each must name, besides a clause of the contract. */
  readonly told: readonly (readonly [command: RegExp, clause: RegExp])[]
  /** Versions can still be made: entries are shared, and writes are seen by all. */
  readonly shares: boolean
  /** The other process may do everything. Where histories cannot be told apart, only processes alike share entries. */
  readonly besideFree: boolean
}

const info = [/\binfo\b/i, /\bC0\b/] as const
const scripts = [/\beval(sha)?\b/i, /\bC2\b/] as const
const subscribe = [/\bsubscribe\b/i, /\bC2\b/] as const
// Who listens believes that all was said: strong routes elsewhere as well.
const publish = [/\bpublish\b/i, /\bC1\b.*\bC2\b/] as const
const channels = [/\bchannels?\b/i, /\bC1\b.*\bC2\b|\bC2\b.*\bC1\b/] as const
const time = [/\btime\b/i, /\bC2\b/] as const

const shared = { shares: true, besideFree: true }
const alike = { shares: true, besideFree: false }
const alone = { shares: false, besideFree: true }

const cases: Readonly<Record<string, Case>> = {
  nothing: { rules: [], told: [], ...shared },
  'all channels but our own': { rules: ['resetchannels', '&limited-1:bus*'], told: [], ...shared },
  INFO: { rules: ['-info'], told: [info], ...alike },
  'EVAL and EVALSHA': { rules: ['-eval', '-evalsha'], told: [scripts], ...alone },
  EVALSHA: { rules: ['-evalsha'], told: [scripts], ...alone },
  'all scripts': { rules: ['-@scripting'], told: [scripts], ...alone },
  SUBSCRIBE: { rules: ['-subscribe'], told: [subscribe], ...shared },
  PUBLISH: { rules: ['-publish'], told: [publish], ...shared },
  'all channels': { rules: ['resetchannels'], told: [channels], ...shared },
  'SUBSCRIBE and PUBLISH': { rules: ['-subscribe', '-publish'], told: [subscribe, publish], ...shared },
  TIME: { rules: ['-time'], told: [time], ...alone },
  'INFO and SUBSCRIBE': { rules: ['-info', '-subscribe'], told: [info, subscribe], ...alike },
  'INFO and EVAL': { rules: ['-info', '-eval', '-evalsha'], told: [info, scripts], ...alone },
  'INFO, EVAL, SUBSCRIBE, PUBLISH and TIME': {
    rules: ['-info', '-eval', '-evalsha', '-subscribe', '-publish', '-time'],
    told: [info, scripts, subscribe],
    ...alone,
  },
}

// T68, T71
describe('a Redis user who is forbidden', function () {
  this.timeout(30_000)
  const names = Object.keys(cases)
  const outcome = new Map<string, Promise<void>>()
  let redis: RedisServer

  // All of them at once: each takes a few seconds.
  before(async () => {
    redis = await startRedis()
    for (const [index, name] of names.entries()) {
      const lived = live(`limited-${index}`, cases[name]!)
      lived.catch(() => undefined)
      outcome.set(name, lived)
    }
  })
  after(async () => {
    await Promise.allSettled(outcome.values())
    await redis.stop()
  })

  for (const name of names) it(name, () => outcome.get(name))

  async function live(user: string, { rules, told, shares, besideFree }: Case) {
    await redis.cli('ACL', 'SETUSER', user, 'on', 'nopass', '~*', '&*', '+@all')
    await redis.cli('ACL', 'SETUSER', user, ...rules)
    const things = new Things()
    const as = (username: string) => ({
      namespace: user,
      ...PATIENT,
      redis: { port: redis.port, host: '127.0.0.1', username, password: 'any' },
    })
    const limited = await expressHarness.start(things.tell, as(user))
    const other = await koaHarness.start(things.tell, as(besideFree ? 'default' : user))
    try {
      await requestsGoOn(limited, things)
      if (shares) await sharesAll(limited, other, things)
      else await writesAreNoLie(limited, things)
      await isToldOnce(limited, told)
      if (!shares) await recovers(user, limited, other, things)
    } finally {
      await Promise.all([limited.stop(), other.stop()])
    }
  }

  async function requestsGoOn(limited: Running, things: Things) {
    for (let i = 0; i < 20; i++) {
      expect(await ask(limited, `/things/many-${i % 7}`)).to.include({
        status: 200,
        text: things.textOf(`many-${i % 7}`),
      })
    }
  }

  /** Entries of either are used by the other, and a write of either is seen by both within the bound. */
  async function sharesAll(limited: Running, free: Running, things: Things) {
    for (const [id, one, other] of [
      ['a', limited, free],
      ['b', free, limited],
    ] as const) {
      const path = `/things/${id}`
      await eventually(async () => {
        const view = `${path}?view=${Math.random()}`
        await ask(one, view)
        expect(outcomeOf(await ask(other, view))).to.equal('hit l2')
      })
      for (const app of [one, other]) await things.warm(app, id)
      things.set(id, 1)
      expect(await one.cache.bump(`thing:${id}`)).to.deep.equal({ applied: 'everywhere', journalled: false })
      const bumpedAt = performance.now()
      expect((await ask(one, path)).text).to.equal('v1')
      await seenWithinBound(other, path, 'v1', bumpedAt)
    }
  }

  /** What it cannot tell others it says, and knows itself. */
  async function writesAreNoLie(limited: Running, things: Things) {
    await ask(limited, '/things/a')
    things.set('a', 1)
    expect(await limited.cache.bump('thing:a')).to.deep.equal({ applied: 'locally', journalled: true })
    expect((await ask(limited, '/things/a')).text).to.equal('v1')
  }

  async function isToldOnce(limited: Running, told: Case['told']) {
    const troubles = () => limited.events.flatMap((event) => (event.type === 'trouble' ? [event.message] : []))
    for (const [command, clause] of told) {
      await eventually(() => {
        const naming = troubles().filter((message) => command.test(message))
        expect(naming, troubles().join('\n')).to.have.length(1)
        expect(naming[0]).to.match(clause)
      })
    }
    // Through a few more pulses: not again, and nothing else.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(troubles().length, troubles().join('\n')).to.be.at.most(told.length)
    if (told.length > 0) expect(troubles()).to.have.length.above(0)
  }

  /** Once it is allowed, what was written is told. */
  async function recovers(user: string, limited: Running, free: Running, things: Things) {
    await redis.cli('ACL', 'SETUSER', user, '+@all', 'allchannels')
    await eventually(
      async () => {
        const path = `/things/a?view=${Math.random()}`
        await ask(limited, path)
        expect(outcomeOf(await ask(free, path))).to.equal('hit l2')
      },
      { within: 5_000, every: 20 },
    )
    expect((await ask(free, '/things/a')).text).to.equal('v1')
    things.set('a', 2)
    expect(await limited.cache.bump('thing:a')).to.have.property('applied', 'everywhere')
    await seenWithinBound(free, '/things/a', 'v2')
  }
})

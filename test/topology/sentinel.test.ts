// Redis Sentinel: entries and bumps are shared, a promoted replica that lagged revives nothing, and nobody has to restart anything.
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { expressHarness, koaHarness, type Running } from '../contract/middleware.ts'
import { ask, changes, storedKey } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type SentinelGroup, startSentinels } from '../support/redis-sentinel.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { cutReplication } from '../support/replication.ts'
import { seenWithinBound } from './lag.ts'
import { PATIENT, Things } from './things.ts'
import { startTraffic } from './traffic.ts'

describe('over Redis Sentinel', function () {
  this.timeout(60_000)
  const things = new Things()
  let group: SentinelGroup
  let client: Redis
  let fromOptions: Running
  let fromClient: Running
  let apps: readonly Running[]
  let patient: Running

  before(async () => {
    group = await startSentinels()
    client = new Redis(group.options)
    client.on('error', () => {}) // the failovers
    fromOptions = await expressHarness.start(things.tell, { redis: group.options })
    fromClient = await koaHarness.start(things.tell, { redis: client })
    apps = [fromOptions, fromClient]
    patient = await koaHarness.start(things.tell, { redis: group.options, ...PATIENT })
  })
  after(async () => {
    await Promise.all([patient, ...apps].map((app) => app.stop()))
    client.disconnect()
    await group.stop()
  })

  /** Fills Redis and all memories; resolves to the entry's key. */
  async function fill(id: string): Promise<string> {
    await ask(patient, `/things/${id}`)
    const key = await storedKey(patient, group.primary)
    for (const app of [patient, ...apps]) await things.warm(app, id)
    return key
  }

  const states = (app: Running) => changes(app).filter((change) => change.startsWith('redis'))

  /** Redis was lost and found since then, and nobody was told anything twice. */
  function expectReturned(app: Running, before: readonly string[]) {
    const since = states(app).slice(before.length)
    expect(since.filter((_, i) => i % 2 === 0)).to.deep.equal(Array(since.length / 2).fill('redis down'))
    expect(since.at(-1)).to.equal('redis up')
  }

  async function listenersOf(server: RedisServer): Promise<number> {
    return Number((await server.cli('PUBSUB', 'NUMSUB', 'tiercache:bus')).split('\n')[1])
  }

  it('plain options and a given client share their entries', async () => {
    for (const [one, other] of [
      [fromOptions, fromClient],
      [fromClient, fromOptions],
    ] as const) {
      await eventually(async () => {
        const view = `/things/shared?view=${Math.random()}`
        await ask(one, view)
        await storedKey(one, group.primary)
        expect(outcomeOf(await ask(other, view))).to.equal('hit l2')
      })
    }
  })

  it('a write on either is seen by its own client at once and by the other one within a second', async () => {
    for (const [one, other] of [
      [fromOptions, fromClient],
      [fromClient, fromOptions],
    ] as const) {
      await fill('written')
      await ask(other, '/strong/written')
      const text = await things.write(one, 'written')
      const writtenAt = performance.now()
      expect((await ask(other, '/strong/written')).text).to.equal(text)
      expect((await ask(one, '/things/written')).text).to.equal(text)
      await seenWithinBound(other, '/things/written', text, writtenAt)
    }
  })

  for (const how of ['killed', 'frozen'] as const) {
    const [lost, unheard] = [`lost-${how}`, `unheard-${how}`]

    describe(`when a primary is ${how} whose replica lags`, () => {
      // T57, T71
      it('requests are answered in time meanwhile, and soon from the promoted replica', async () => {
        await fill(unheard)
        const entry = await fill(lost)
        const version = `tiercache:v:thing:${lost}`
        const token = await group.primary.cli('GET', version)
        const letIn = await cutReplication(group.primary, group.replica)
        await things.write(fromOptions, lost)
        const before = apps.map(states)
        const traffic = apps.map((app) => startTraffic(app, (round) => `/things/cold-${round % 50}`, '/plain'))
        const promoted = group.failover(how)
        await eventually(() => expect(states(fromOptions).at(-1)).to.equal('redis down'), { within: 5_000 })
        await ask(fromOptions, `/things/${unheard}`, { method: 'PUT' })
        expect((await ask(fromOptions, `/things/${unheard}`)).text).to.equal('v1')
        await promoted
        await Promise.all(apps.map((app) => things.sharing(app)))
        await Promise.all(traffic.map((each) => each.stop()))
        // Lost twice within seconds, it is used at once, and said to be back when it has stayed for a while.
        const returned = () => {
          for (const [i, app] of apps.entries()) expectReturned(app, before[i]!)
        }
        await eventually(returned, { within: 5_000 })
        // To the promoted one nothing ever happened.
        expect(await group.primary.cli('GET', version)).to.equal(token)
        expect(await group.primary.cli('EXISTS', entry)).to.equal('1')
        await letIn()
      })

      // T57
      it('what the promoted replica never heard was invalidated stays dead', async () => {
        const late = await expressHarness.start(things.tell, { redis: group.options })
        const text = things.textOf(lost)
        for (const app of [late, patient, ...apps]) expect((await ask(app, `/things/${lost}`)).text).to.equal(text)
        await late.stop()
      })

      // T60
      it('a write that was made while there was no primary is heard by the other process', async () => {
        await seenWithinBound(fromClient, `/things/${unheard}`, 'v1')
        // And it is over with it: a later write is an ordinary one.
        await things.write(fromOptions, unheard)
      })

      it('the former primary comes back as a replica, and nobody follows it', async () => {
        await group.rejoin(how)
        await fill(`rejoined-${how}`)
        await eventually(async () => expect(await listenersOf(group.primary)).to.equal(3))
        expect(await listenersOf(group.replica)).to.equal(0)
        for (const app of [patient, ...apps]) {
          expect((await ask(app, `/things/${lost}`)).text).to.equal(things.textOf(lost))
        }
      })
    })
  }

  describe('when a failover is planned', () => {
    it('it costs misses and no wrong answer, and requests are answered in time', async () => {
      await fill('planned')
      const text = await things.write(fromClient, 'planned')
      const traffic = apps.map((app) => startTraffic(app, (round) => `/things/cold-${round % 50}`, '/plain'))
      await group.failover('planned')
      await Promise.all(apps.map((app) => things.sharing(app)))
      await Promise.all(traffic.map((each) => each.stop()))
      for (const app of apps) expect((await ask(app, '/things/planned')).text).to.equal(text)
      const next = await things.write(fromOptions, 'planned')
      await seenWithinBound(fromClient, '/things/planned', next)
    })

    it('the client that the user gave stays open and as it was', async () => {
      await fromClient.stop()
      await client.set('a', 'b')
      expect(await client.get('a')).to.equal('b')
    })
  })
})

// Redis does not say in time what those may be answered with who find a run under way: they wait for it once, and look again then.
import { expect } from 'chai'
import { altered } from '../../consistency/mutants/altered.ts'
import { ask } from '../../support/apps.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'

const CROWD = 20

// T48, T72
overFrameworks('a crowd whose versions are not known in time', (harness) => {
  const start = starting(harness)
  let late: Deferred<void>
  let isLate: boolean
  let gates: Gates
  let arrivals: Arrivals
  let app: Running

  beforeEach(async () => {
    late = deferred()
    isLate = false
    gates = new Gates()
    arrivals = new Arrivals()
    app = await start(
      (told) => {
        const page = async () => ({ body: `run ${await gates.wait()}` })
        told.read('/page', page, '1m', { tags: arrivals.tags })
        told.read('/impatient', page, '1m', { tags: arrivals.tags, degrade: 'bypass' })
      },
      {
        budget: '30ms',
        parts: {
          versions: (versions) =>
            altered(versions, {
              read: (tags, terms) =>
                isLate ? late.promise.then(() => versions.read(tags, terms)) : versions.read(tags, terms),
            }),
        },
      },
    )
  })

  /** One that runs, a crowd that waits for it, and one that finds both and cannot know; resolves once its time is over. */
  async function crowded(path = '/page') {
    const first = ask(app, path)
    await gates.reach(1)
    const followers = Array.from({ length: CROWD }, () => ask(app, path))
    await arrivals.reach(CROWD + 1)
    isLate = true
    const others = Promise.all(Array.from({ length: CROWD }, () => ask(app, path)))
    await arrivals.reach(2 * CROWD + 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    return { before: Promise.all([first, ...followers]), others }
  }

  it('waits for the run that it found, and gets its answer once that is known to be good', async () => {
    const { before, others } = await crowded()
    expect(gates.begun).to.equal(1)
    isLate = false
    late.resolve()
    gates.open()
    const answers = [...(await before), ...(await others)]
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    expect(gates.begun).to.equal(1)
  })

  it('does not get what was invalidated meanwhile: one of it runs', async () => {
    const { before, others } = await crowded()
    await app.cache.bump('/page')
    isLate = false
    late.resolve()
    gates.open()
    expect(new Set((await before).map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    await gates.reach(2)
    gates.open()
    expect(new Set((await others).map(({ text }) => text))).to.deep.equal(new Set(['run 2']))
    expect(gates.begun).to.equal(2)
  })

  it('runs once more where nothing is known even then, for those who wait alone: it is stored for nobody', async () => {
    const { before, others } = await crowded()
    await app.cache.bump('/page')
    gates.open()
    expect(new Set((await before).map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    await gates.reach(2)
    gates.open()
    expect(new Set((await others).map(({ text }) => text))).to.deep.equal(new Set(['run 2']))
    expect(gates.begun).to.equal(2)
    expect(eventsOf(app, 'run').map(({ stored }) => stored)).to.deep.equal([false, false])
  })

  it('runs at once where the route wants nothing from memory without Redis', async () => {
    const { before, others } = await crowded('/impatient')
    await gates.reach(CROWD + 1)
    gates.open()
    await Promise.all([before, others])
  })
})

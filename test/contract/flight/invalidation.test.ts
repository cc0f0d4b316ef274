// Invalidations that come while a flight is under way: its answer is for those who asked before, and for nobody after.
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { get, send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('a flight and an invalidation', (harness) => {
  const start = starting(harness)
  let value: number
  let gates: Gates
  let arrivals: Arrivals
  let app: Running

  /** A handler that reads before it waits: it answers with what was true when it began. */
  beforeEach(async () => {
    value = 1
    gates = new Gates()
    arrivals = new Arrivals()
    app = await start((app) => {
      app.read(
        '/value',
        async () => {
          const read = value
          await gates.wait()
          return { body: `value ${read}` }
        },
        '1m',
        { tags: () => [...arrivals.tags(), 'value'] },
      )
      app.write('put', '/value', ['value'], () => {
        value++
        return { body: 'written' }
      })
    })
  })
  const write = () => send(app.port, '/value', { method: 'PUT' })
  const texts = async (answers: readonly Promise<{ text: string }>[]) =>
    (await Promise.all(answers)).map(({ text }) => text)

  // T56
  it('leads anew after a write: who asks then does not wait for a run that began before', async () => {
    const before = await crowd(app.port, '/value', 1, arrivals)
    await write()
    const after = await crowd(app.port, '/value', 2, arrivals)
    await gates.reach(2)
    gates.open(2)
    expect(await texts(after)).to.deep.equal(['value 2', 'value 2', 'value 2'])
    gates.open(1)
    expect(await texts(before)).to.deep.equal(['value 1', 'value 1'])
    // The older run ended last, and is not what is kept.
    const later = get(app.port, '/value')
    await eventually(() => expect(outcomes(app).filter((outcome) => outcome !== 'bypass')).to.have.length(6))
    expect(outcomes(app).at(-1)).to.equal('hit')
    expect((await later).text).to.equal('value 2')
    expect(eventsOf(app, 'run').map(({ stored }) => stored)).to.deep.equal([true, false])
  })

  // T56
  it('keeps nothing of a run that a write overtook, in whatever order they end', async () => {
    const before = await crowd(app.port, '/value', 0, arrivals)
    await write()
    gates.open(1)
    expect(await texts(before)).to.deep.equal(['value 1'])
    const after = await crowd(app.port, '/value', 0, arrivals)
    await gates.reach(2)
    gates.open(2)
    expect(await texts(after)).to.deep.equal(['value 2'])
    expect((await get(app.port, '/value')).text).to.equal('value 2')
  })

  // T62
  it('keeps nothing of a run that invalidated itself', async () => {
    const self = await start((app) => {
      let runs = 0
      app.read('/self', async () => {
        const run = ++runs
        if (run < 3) await self.cache.bump('/self')
        return { body: `run ${run}` }
      })
    })
    const answers: string[] = []
    for (let sent = 0; sent < 4; sent++) answers.push((await get(self.port, '/self')).text)
    expect(answers).to.deep.equal(['run 1', 'run 2', 'run 3', 'run 3'])
  })

  // T62
  it('stays right through invalidations at the same time, and a storm of them', async () => {
    const before = await crowd(app.port, '/value', 0, arrivals)
    await Promise.all([write(), write(), app.cache.bump('value'), app.cache.bump('value', '/value'), write()])
    gates.open(1)
    await Promise.all(before)
    expect(value).to.equal(4)
    for (let bumped = 0; bumped < 500; bumped++) void app.cache.bump('value')
    const after = await crowd(app.port, '/value', 1, arrivals)
    await gates.reach(2)
    gates.open(2)
    expect(await texts(after)).to.deep.equal(['value 4', 'value 4'])
    expect((await get(app.port, '/value')).text).to.equal('value 4')
    expect(eventsOf(app, 'bump')).to.have.length(505)
  })

  it('is not disturbed by an invalidation of tags that are none of its own', async () => {
    const before = await crowd(app.port, '/value', 0, arrivals)
    await app.cache.bump('other', '/values', 'valu')
    const after = await crowd(app.port, '/value', 0, arrivals)
    gates.open(1)
    expect(await texts([...before, ...after])).to.deep.equal(['value 1', 'value 1'])
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed'])
  })

  // T56
  it('keeps nothing where the route that answers is known only at the end, and was bumped by then', async () => {
    const app = await start((app) => {
      app.useCache('1m', { tags: arrivals.tags })
      app.plain('get', '/late', async () => ({ body: `run ${await gates.wait()}` }))
    })
    const before = await crowd(app.port, '/late', 1, arrivals)
    await app.cache.bump('/late')
    gates.open(1)
    // Nobody knew yet that it is about /late: the follower leads, and is not given what the bump may have outdated.
    await gates.reach(2)
    gates.open(2)
    expect(await texts(before)).to.deep.equal(['run 1', 'run 2'])
    expect((await get(app.port, '/late')).text).to.equal('run 2')
    expect(eventsOf(app, 'run').map(({ stored }) => stored)).to.deep.equal([false, true])
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit'])
  })
})

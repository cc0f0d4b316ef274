// Clients that leave while a flight is under way: leaders, followers, both.
import type { Server } from 'node:http'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { get, getAndLeave, getSlowly } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

/** Counts the connections that the server has seen close. */
function closes(server: Server): { reach(count: number): Promise<void> } {
  let closed = 0
  server.on('connection', (socket) => socket.on('close', () => closed++))
  return {
    reach: async (count) => {
      await eventually(() => expect(closed, 'connections closed').to.equal(count), { within: 5_000 })
    },
  }
}

overFrameworks('a flight whose clients leave', (harness) => {
  const start = starting(harness)

  async function gated() {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read('/page', async () => ({ body: `run ${await gates.wait()}` }), '1m', { tags: arrivals.tags })
    })
    return { gates, arrivals, app, closed: closes(app.server) }
  }

  // T49
  it('goes on for the followers where the leader leaves before its answer', async () => {
    const { gates, arrivals, app, closed } = await gated()
    const leave = getAndLeave(app.port, '/page')
    await arrivals.reach(1)
    const followers = [get(app.port, '/page'), get(app.port, '/page')]
    await arrivals.reach(3)
    leave()
    await closed.reach(1)
    gates.open()
    expect((await Promise.all(followers)).map(({ text }) => text)).to.deep.equal(['run 1', 'run 1'])
    expect((await get(app.port, '/page')).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed', 'collapsed', 'hit'])
    expect(gates.begun).to.equal(1)
  })

  // T49
  it('stores for later what a leader without followers left behind', async () => {
    const { gates, arrivals, app, closed } = await gated()
    const leave = getAndLeave(app.port, '/page')
    await arrivals.reach(1)
    leave()
    await closed.reach(1)
    gates.open()
    await eventually(() => expect(eventsOf(app, 'run')).to.have.length(1))
    expect((await get(app.port, '/page')).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
  })

  // T50
  it('wakes no handler and disturbs nobody where followers leave', async () => {
    const { gates, arrivals, app, closed } = await gated()
    const leader = get(app.port, '/page')
    await arrivals.reach(1)
    const leaving = [getAndLeave(app.port, '/page'), getAndLeave(app.port, '/page')]
    await arrivals.reach(3)
    const staying = get(app.port, '/page')
    await arrivals.reach(4)
    for (const leave of leaving) leave()
    await closed.reach(2)
    gates.open()
    expect((await leader).text).to.equal('run 1')
    expect((await staying).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed'])
    expect(gates.begun).to.equal(1)
  })

  // T50
  it('runs nothing for followers that left before the leader failed', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read(
        '/page',
        async () => {
          if ((await gates.wait()) === 1) throw new Error('database gone')
          return { body: 'page' }
        },
        '1m',
        { tags: arrivals.tags },
      )
    })
    const closed = closes(app.server)
    const leader = get(app.port, '/page')
    await arrivals.reach(1)
    const leave = getAndLeave(app.port, '/page')
    await arrivals.reach(2)
    const staying = get(app.port, '/page')
    await arrivals.reach(3)
    leave()
    await closed.reach(1)
    gates.open()
    expect((await leader).status).to.equal(500)
    await gates.reach(2)
    gates.open()
    expect((await staying).text).to.equal('page')
    expect(gates.begun).to.equal(2)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
  })

  // T12 T49
  it('makes one follower lead, and the rest stay with it, where leaders leave in the middle of a stream', async () => {
    const streams: PassThrough[] = []
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read(
        '/page',
        () => {
          const stream = new PassThrough()
          streams.push(stream)
          return { headers: { 'Content-Type': 'text/plain' }, body: stream }
        },
        '1m',
        { tags: arrivals.tags },
      )
    })
    const reach = async (count: number) => {
      await eventually(() => expect(streams, 'runs begun').to.have.length(count))
    }
    const leaders = [getSlowly(app.port, '/page')]
    await arrivals.reach(1)
    leaders.push(getSlowly(app.port, '/page'))
    await arrivals.reach(2)
    const followers = [get(app.port, '/page'), get(app.port, '/page')]
    await arrivals.reach(4)
    for (const [run, leader] of leaders.entries()) {
      await reach(run + 1)
      streams[run]!.write('half, ')
      ;(await leader).abort()
    }
    await reach(3)
    streams[2]!.end('whole')
    expect((await Promise.all(followers)).map(({ text }) => text)).to.deep.equal(['whole', 'whole'])
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'collapsed'])
    expect(eventsOf(app, 'run').map(({ stored, reason }) => reason ?? stored)).to.deep.equal([
      'client-left',
      'client-left',
      true,
    ])
    for (const stream of streams) stream.destroy()
  })

  // T12
  it('stores nothing of an answer whose client left in the middle of it, however it goes on', async () => {
    const streams: PassThrough[] = []
    const app = await start((app) => {
      app.read('/page', () => {
        const stream = new PassThrough()
        streams.push(stream)
        return { headers: { 'Content-Type': 'text/plain' }, body: stream }
      })
    })
    const closed = closes(app.server)
    const leaving = getSlowly(app.port, '/page')
    await eventually(() => expect(streams).to.have.length(1))
    streams[0]!.write('half')
    ;(await leaving).abort()
    await closed.reach(1)
    streams[0]!.end(', whole')
    await eventually(() => expect(eventsOf(app, 'run')).to.have.length(1))
    expect(eventsOf(app, 'run')[0]).to.include({ stored: false, reason: 'client-left' })
    const next = get(app.port, '/page')
    await eventually(() => expect(streams).to.have.length(2))
    streams[1]!.end('whole')
    expect((await next).text).to.equal('whole')
  })
})

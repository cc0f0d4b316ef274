// Clients over HTTP/2: streams that are reset while their session lives on, sessions that break, and readers that take their time.
import { PassThrough, Readable } from 'node:stream'
import { expect } from 'chai'
import { deferred, eventually } from '../../support/gate.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { eventsOf, outcomes } from '../starting.ts'
import { overHttp2 } from './stage.ts'

const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, i) => (i * 7) % 251))
const typed = { 'Content-Type': 'text/plain' }

overHttp2('a client', (start) => {
  async function gated(answer = (run: number): string => `run ${run}`) {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const routes = { '/page': async () => ({ headers: typed, body: answer(await gates.wait()) }) }
    const app = await start(routes, { tags: arrivals.tags })
    return { gates, arrivals, app, client: app.connect() }
  }

  async function streaming() {
    const streams: PassThrough[] = []
    const arrivals = new Arrivals()
    const routes = {
      '/page': () => {
        const stream = new PassThrough()
        streams.push(stream)
        return { headers: typed, body: stream }
      },
    }
    const app = await start(routes, { tags: arrivals.tags })
    const reach = async (count: number) => {
      await eventually(() => expect(streams, 'runs begun').to.have.length(count), { within: 5_000 })
    }
    return { streams, arrivals, app, client: app.connect(), reach }
  }

  const runs = (app: Parameters<typeof outcomes>[0]) =>
    eventsOf(app, 'run').map(({ stored, reason }) => reason ?? stored)

  // T49
  it('that leads and resets its stream leaves its run to those who wait', async () => {
    const { gates, arrivals, app, client } = await gated()
    const leader = client.open('/page')
    await arrivals.reach(1)
    const followers = [client.get('/page'), client.get('/page')]
    await arrivals.reach(3)
    await leader.reset()
    await app.closed(1)
    gates.open()
    expect((await Promise.all(followers)).map(({ text }) => text)).to.deep.equal(['run 1', 'run 1'])
    expect((await client.get('/page')).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed', 'collapsed', 'hit'])
  })

  // T49
  it('that leads and loses its session leaves its run to those of other sessions', async () => {
    const { gates, arrivals, app, client } = await gated()
    const lost = app.connect()
    lost.open('/page')
    await arrivals.reach(1)
    const follower = client.get('/page')
    await arrivals.reach(2)
    lost.close()
    await app.closed(1)
    gates.open()
    expect((await follower).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed'])
  })

  // T50
  it('that waits and resets its stream is not answered, and disturbs nobody', async () => {
    const { gates, arrivals, app, client } = await gated()
    const leader = client.get('/page')
    await arrivals.reach(1)
    const leaving = [client.open('/page'), client.open('/page')]
    await arrivals.reach(3)
    const staying = client.get('/page')
    await arrivals.reach(4)
    for (const request of leaving) await request.reset()
    await app.closed(2)
    gates.open()
    expect((await leader).text).to.equal('run 1')
    expect((await staying).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed'])
    expect(gates.begun).to.equal(1)
  })

  // T50
  it('that waited and left has nothing run for it where the leader fails', async () => {
    const { gates, arrivals, app, client } = await gated((run) => {
      if (run === 1) throw new Error('database gone')
      return 'page'
    })
    const leader = client.get('/page')
    await arrivals.reach(1)
    const leaving = client.open('/page')
    await arrivals.reach(2)
    const staying = client.get('/page')
    await arrivals.reach(3)
    await leaving.reset()
    await app.closed(1)
    gates.open(1)
    expect((await leader).status).to.equal(500)
    await gates.reach(2)
    gates.open(2)
    expect((await staying).text).to.equal('page')
    expect(gates.begun).to.equal(2)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
  })

  // T12, T49
  it('that leaves in the middle of a stream makes one of those who wait lead, and the rest stay', async () => {
    const { streams, arrivals, app, client, reach } = await streaming()
    const leaders = [client.open('/page')]
    await arrivals.reach(1)
    leaders.push(client.open('/page'))
    await arrivals.reach(2)
    const followers = [client.get('/page'), client.get('/page')]
    await arrivals.reach(4)
    for (const [run, leader] of leaders.entries()) {
      await reach(run + 1)
      streams[run]!.write('half, ')
      await leader.head
      await leader.reset()
    }
    await reach(3)
    streams[2]!.end('whole')
    expect((await Promise.all(followers)).map(({ text }) => text)).to.deep.equal(['whole', 'whole'])
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'collapsed'])
    expect(runs(app)).to.deep.equal(['client-left', 'client-left', true])
    for (const stream of streams) stream.destroy()
  })

  // T12
  it('that leaves in the middle of a stream leaves nothing behind, however that goes on', async () => {
    const { streams, app, client, reach } = await streaming()
    const leaving = client.open('/page')
    await reach(1)
    streams[0]!.write('half')
    await leaving.head
    await leaving.reset()
    await app.closed(1)
    streams[0]!.end(', whole')
    await eventually(() => expect(runs(app)).to.deep.equal(['client-left']))
    const next = client.get('/page')
    await reach(2)
    streams[1]!.end('whole')
    expect((await next).text).to.equal('whole')
    expect(runs(app)).to.deep.equal(['client-left', true])
  })

  // T13
  it('whose stream the handler breaks off sees it broken, and nothing is stored', async () => {
    const { streams, app, client, reach } = await streaming()
    const broken = client.open('/page')
    await reach(1)
    streams[0]!.write('half')
    await broken.head
    streams[0]!.destroy(new Error('source'))
    expect((await broken.read()).code).not.to.equal(0)
    const [seen] = await eventually(() => expect(runs(app)).to.have.length(1)).then(() => runs(app))
    expect(seen).to.be.oneOf(['truncated', 'failed'])
    const next = client.get('/page')
    await reach(2)
    streams[1]!.end('whole')
    expect((await next).text).to.equal('whole')
    expect(runs(app)).to.deep.equal([seen, true])
  })

  // T12, T49
  it('that reads slowly holds neither the key nor those who wait', async () => {
    const chunk = Buffer.alloc(200_000, 'c')
    let begun = 0
    const arrivals = new Arrivals()
    const app = await start(
      {
        '/page': () => {
          begun++
          return { headers: typed, body: begun === 1 ? Readable.from([chunk, chunk, chunk, chunk]) : 'small' }
        },
      },
      { tags: arrivals.tags },
    )
    // A session of its own: unread bytes use up the session's window too.
    const slow = app.connect({ settings: { initialWindowSize: 1_000 } }).open('/page')
    await slow.head
    const others = app.connect()
    const answers = await Promise.all([others.get('/page'), others.get('/page')])
    expect(answers.map(({ text }) => text)).to.deep.equal(['small', 'small'])
    expect((await slow.read()).body.length).to.equal(800_000)
  })

  it('that takes a stored answer slowly gets every byte of it, while others get theirs', async () => {
    const app = await start({ '/page': () => ({ headers: typed, body: bytes }) })
    const others = app.connect()
    await others.get('/page')
    const slow = app.connect({ settings: { initialWindowSize: 1_000 } }).open('/page')
    await slow.head
    expect((await others.get('/page')).body.equals(bytes)).to.equal(true)
    expect((await slow.read()).body.equals(bytes)).to.equal(true)
  })

  it('that resets the stream of a stored answer may ask again on its session', async () => {
    const app = await start({ '/page': () => ({ headers: typed, body: bytes }) })
    const client = app.connect({ settings: { initialWindowSize: 1_000 } })
    await client.get('/page')
    for (const headers of [{}, { range: 'bytes=1-' }, { range: 'bytes=0-1,500-500000' }]) {
      const leaving = client.open('/page', headers)
      await leaving.head
      await leaving.reset()
    }
    expect((await client.get('/page')).body.equals(bytes)).to.equal(true)
    expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'hit', 'hit', 'hit'])
  })

  it('that resets its Range stream before the handler answered leaves no trace', async () => {
    const gate = deferred()
    let begun = 0
    const app = await start({
      '/page': async () => {
        if (++begun === 1) await gate.promise
        return { headers: typed, body: `run ${begun}` }
      },
    })
    const client = app.connect()
    const leaving = client.open('/page', { range: 'bytes=0-0' })
    await eventually(() => expect(begun).to.equal(1))
    await leaving.reset()
    await app.closed(1)
    gate.resolve()
    expect((await client.get('/page')).text).to.equal('run 2')
    expect((await client.get('/page', { range: 'bytes=-1' })).text).to.equal('2')
    expect(outcomes(app)).to.deep.equal(['bypass', 'miss', 'hit'])
  })
})

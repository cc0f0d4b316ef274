// Followers that leave while they wait: nothing is written for them any more, and they leave no listener behind.
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { get, getAndLeave } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { type Handler, overFrameworks, type Running } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'

/** What is listened to of one request, and what has been sent for it. */
interface Observed {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly socket: Socket
  /** Before the application has seen it. */
  readonly before: Readonly<Record<string, number>>
  /** What was written to the connection. */
  readonly sent: readonly unknown[]
}

/** How many listen to anything of it, by where. */
function listeners({ req, res, socket }: Pick<Observed, 'req' | 'res' | 'socket'>): Record<string, number> {
  const emitters: Readonly<Record<string, EventEmitter>> = { req, res, socket }
  const counts: Record<string, number> = {}
  for (const [where, emitter] of Object.entries(emitters)) {
    for (const name of emitter.eventNames()) counts[`${where} ${String(name)}`] = emitter.listenerCount(name)
  }
  return counts
}

/** Observes every request from before the application sees it. */
function observe({ server }: Running): Observed[] {
  const all: Observed[] = []
  server.prependListener('request', (req, res) => {
    const { socket } = req
    const sent: unknown[] = []
    const { write } = socket
    socket.write = ((...args: unknown[]) => {
      sent.push(args[0])
      return Reflect.apply(write, socket, args)
    }) as Socket['write']
    all.push({ req, res, socket, sent, before: listeners({ req, res, socket }) })
  })
  return all
}

const ends: Readonly<Record<string, Handler>> = {
  answers: () => ({ body: 'page' }),
  'answers what is for itself': () => ({ headers: { 'Set-Cookie': 'sid=1' }, body: 'page' }),
  fails: () => {
    throw new Error('gone')
  },
}

overFrameworks('a follower that leaves', (harness) => {
  const start = starting(harness)

  async function page(end: Handler, onFailure: 'run' | 'share') {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read(
        '/page',
        async (asked) => {
          await gates.wait()
          return end(asked)
        },
        '1m',
        { tags: arrivals.tags, onFailure },
      )
      // What a request without the cache has, that waits for ever.
      app.plain('get', '/plain', () => new Promise(() => undefined))
    })
    return { app, gates, arrivals, observed: observe(app) }
  }

  for (const onFailure of ['run', 'share'] as const) {
    for (const [title, end] of Object.entries(ends)) {
      // T50
      it(`gets nothing written and keeps no listener where the leader ${title} (onFailure: ${onFailure})`, async () => {
        const { app, gates, arrivals, observed } = await page(end, onFailure)
        const leader = get(app.port, '/page')
        await arrivals.reach(1)
        const leave = [getAndLeave(app.port, '/page'), getAndLeave(app.port, '/plain')]
        await arrivals.reach(2)
        await eventually(() => expect(observed).to.have.length(3))
        const follower = observed.find(({ req }, at) => at > 0 && req.url === '/page')!
        const plain = observed.find(({ req }) => req.url === '/plain')!
        const waiting = listeners(plain)
        expect(listeners(follower), 'while it waits').to.deep.equal(waiting)
        for (const one of leave) one()
        for (const { socket, res } of [follower, plain]) {
          await eventually(() => expect([socket.destroyed, res.destroyed]).to.deep.equal([true, true]))
        }
        gates.open()
        await leader
        await get(app.port, '/other') // a turn of everything
        expect(follower.sent, 'sent').to.deep.equal([])
        expect(gates.begun, 'runs').to.equal(1)
        expect(outcomes(app)).to.deep.equal(['miss'])
        expect(listeners(follower), 'once it has left').to.deep.equal(listeners(plain))
      })
    }
  }

  // T50
  it('and one that stays leave a connection that lives on as they found it', async () => {
    const { app, gates, arrivals, observed } = await page(ends.answers!, 'run')
    const socket = connect(app.port, '127.0.0.1')
    socket.resume()
    const found: Observed['before'][] = []
    for (let round = 0; round < 5; round++) {
      const leader = get(app.port, `/page?${round}`)
      await arrivals.reach(2 * round + 1)
      socket.write(`GET /page?${round} HTTP/1.1\r\nHost: 127.0.0.1:${app.port}\r\n\r\n`)
      await arrivals.reach(2 * round + 2)
      gates.open()
      await leader
      const follower = observed[2 * round + 1]!
      await eventually(() => expect(follower.res.writableFinished).to.equal(true))
      found.push(follower.before)
    }
    socket.destroy()
    // The second came on the connection as the first had left it, and so on.
    expect(found.slice(2)).to.deep.equal([found[1], found[1], found[1]])
    expect(outcomes(app).filter((outcome) => outcome === 'collapsed')).to.have.length(5)
  })
})

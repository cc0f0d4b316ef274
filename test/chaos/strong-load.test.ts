// Strong consistency under load: however many requests come, at most one validation of a tag is on its way at a time.
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import { eventually } from '../support/gate.ts'
import { type Monitor, monitor, type SeenCommand } from '../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { type Member, startMember } from './fleet.ts'
import { type Origin, startOrigin } from './origin.ts'

/** How long each direction of the link takes, in ms: a round trip takes twice as long at least. */
const DELAY = 5
const REQUESTS = 2_000
const CONNECTIONS = 40
/** What carries a tag of its own, the route's and that of everything. */
const TAGS = 3

for (const framework of ['Express', 'Koa'] as const)
  describe(`strong hits under load on ${framework}`, () => {
    let redis: RedisServer
    let proxy: TcpProxy
    let origin: Origin
    let member: Member
    let watch: Monitor

    before(async function () {
      this.timeout(30_000)
      ;[redis, origin] = await Promise.all([startRedis(), startOrigin()])
      // Before anyone else is connected.
      watch = await monitor(redis.port)
      proxy = await startProxy(redis.port)
      member = await startMember(framework, `redis://127.0.0.1:${proxy.port}`, origin.port)
      await hits()
      await proxy.set({ delay: DELAY })
    })
    after(async function () {
      this.timeout(20_000)
      watch.stop()
      expect(await member.stop()).to.deep.equal({ code: 0, errors: '' })
      await proxy.stop()
      await Promise.all([redis.stop(), origin.stop()])
    })

    /** Resolves once memory answers. */
    const hits = () =>
      eventually(async () => expect(await burst(1, 1)[0]).to.contain('tiercache-l1; hit'), { within: 10_000 })

    it(`ask Redis no more often than it can answer: ${REQUESTS} at once`, async function () {
      this.timeout(60_000)
      await watch.take()
      const each = REQUESTS / CONNECTIONS
      const start = performance.now()
      for (const text of await Promise.all(burst(CONNECTIONS, each))) {
        expect(text.match(/HTTP\/1\.1 200 /g)).to.have.length(each)
      }
      const roundTrips = (performance.now() - start) / (2 * DELAY)
      const sent = count(await watch.take())
      // One of each kind at a time; the first may have left before we began to count.
      for (const kind of ['publish', 'info', 'time'] as const) expect(sent[kind], kind).to.be.at.most(roundTrips + 2)
      expect(sent.publish + sent.versions, 'validations').to.be.within(1, TAGS * (roundTrips + 1))
    })

    it('that come one after the other each ask for themselves', async () => {
      await hits()
      await watch.take()
      for (let i = 0; i < 10; i++) await Promise.all(burst(1, 1))
      expect(count(await watch.take()).publish).to.be.at.least(10)
    })

    /** Asks for the same thing again and again on each of some connections, without waiting for answers. */
    function burst(connections: number, each: number): Promise<string>[] {
      return Array.from({ length: connections }, async () => {
        const socket = connect(member.port, '127.0.0.1').setEncoding('latin1')
        let text = ''
        socket.on('data', (chunk) => {
          text += chunk
        })
        const request = 'GET /strong/1 HTTP/1.1\r\nHost: shop.test\r\n'
        socket.write(`${`${request}\r\n`.repeat(each - 1)}${request}Connection: close\r\n\r\n`)
        await once(socket, 'close')
        return text
      })
    }
  })

interface Sent {
  publish: number
  info: number
  time: number
  /** Reads of version keys. */
  versions: number
  others: number
}

function count(commands: readonly SeenCommand[]): Sent {
  const sent: Sent = { publish: 0, info: 0, time: 0, versions: 0, others: 0 }
  for (const command of commands) if (!command.byScript) sent[kindOf(command)]++
  return sent
}

/** A look at whether the server serves data is none at a version. */
function kindOf({ name, args: [key = ''] }: SeenCommand): keyof Sent {
  if (name === 'publish' || name === 'info' || name === 'time') return name
  return name === 'get' && key.startsWith('tiercache:v:') && key !== 'tiercache:v:*' ? 'versions' : 'others'
}

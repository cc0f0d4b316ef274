// A process whose event loop stalls: the answers of Redis wait in the socket meanwhile, so Redis is not taken for dead.
import { expect } from 'chai'
import type { RedisClient } from '../../src/connection/client/client.ts'
import { concreteParts, type Parts } from '../../src/parts.ts'
import { overFrameworks, type Running } from '../contract/middleware.ts'
import { changes, outcomes } from '../support/apps.ts'
import { deferred } from '../support/gate.ts'
import { raw } from '../support/http-client.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

/** Longer than any deadline of the connection, in ms. */
const STALL = 500

// T71
overFrameworks('an event loop that stalls', (harness) => {
  let redis: RedisServer
  let app: Running
  let commands: RedisClient

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    const openClients: Parts['openClients'] = (...args) => {
      const opened = concreteParts.openClients(...args)
      commands = opened.commands
      return opened
    }
    app = await harness.start(
      (app) => {
        app.read('/bounded', () => ({ body: 'bounded' }), '5m')
        app.read('/strong', () => ({ body: 'strong' }), '5m', { consistency: 'strong' })
        app.read('/never-alone', () => ({ body: 'never alone' }), '5m', { degrade: 'error' })
      },
      { redis: redis.url, parts: { openClients } },
    )
    for (const path of ['/bounded', '/strong', '/never-alone']) await askTwice(path)
    app.events.length = 0
  })
  afterEach(() => app.stop())
  after(() => redis.stop())

  /** Both requests come at once. */
  async function askTwice(path: string): Promise<string> {
    const request = `GET ${path} HTTP/1.1\r\nHost: shop.test\r\n`
    return String(await raw(app.port, `${request}\r\n${request}Connection: close\r\n\r\n`))
  }

  /** Stalls once everything has left for Redis that leaves together with this command; resolves when it is over. */
  async function stallBeside(name: 'get' | 'publish', argument: string): Promise<void> {
    const original = commands[name] as (...args: string[]) => Promise<never>
    const over = deferred()
    commands[name] = (...args: string[]) => {
      const answer = original.apply(commands, args)
      if (!args[0]!.includes(argument)) return answer
      commands[name] = original
      setImmediate(() => {
        stall()
        over.resolve()
      })
      return answer
    }
    await over.promise
  }

  it('while Redis is asked for a sign of life does not lose it', async () => {
    await stallBeside('get', ':v:*')
    for (const path of ['/bounded', '/strong', '/never-alone']) {
      expect((await askTwice(path)).match(/HTTP\/1\.1 200 /g)).to.have.length(2)
    }
    expect(changes(app)).to.deep.equal([])
    // The bound may be over by then: versions are read anew, once for both.
    expect(outcomes(app).filter((outcome) => outcome !== 'hit l1' && outcome !== 'collapsed')).to.deep.equal([])
  })

  it('while strong requests ask does not make their handler run', async () => {
    // The echo of the first is under way; the second needs one of its own.
    const stalled = stallBeside('publish', ':bus:')
    const answers = await askTwice('/strong')
    await stalled
    expect(answers.match(/HTTP\/1\.1 200 /g)).to.have.length(2)
    expect(outcomes(app)).to.deep.equal(['hit l1', 'hit l1'])
    expect(changes(app)).to.deep.equal([])
  })
})

function stall(): void {
  const until = performance.now() + STALL
  while (performance.now() < until);
}

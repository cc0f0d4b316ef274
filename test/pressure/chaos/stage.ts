// Redis behind a proxy, and before it: an application, its neighbour in the fleet, and the same application without a cache.
import { connect } from 'node:net'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { Member } from '../app/member.ts'
import type { AppSettings } from '../app/settings.ts'

/** How long a handler takes, in ms. */
const HANDLER = 20
/** Entries in L1: fewer than there are keys, so that most keys are asked of Redis. */
const MAX_ENTRIES = 400
/** How long Redis may take to answer again once a fault is over, in ms. */
const PATIENCE = 15_000

/** Everyone who takes part in a trial. */
export class Stage {
  readonly framework: AppSettings['framework']
  readonly redis: RedisServer
  readonly proxy: TcpProxy
  readonly control: Member
  app: Member
  /** Another process of the fleet: what it takes from Redis was put there by the first. */
  peer: Member

  private constructor(
    framework: AppSettings['framework'],
    redis: RedisServer,
    proxy: TcpProxy,
    [app, peer, control]: readonly Member[],
  ) {
    this.framework = framework
    this.redis = redis
    this.proxy = proxy
    this.app = app!
    this.peer = peer!
    this.control = control!
  }

  static async start(framework: AppSettings['framework']): Promise<Stage> {
    const redis = await startRedis()
    const proxy = await startProxy(redis.port)
    const places = [proxy.port, proxy.port, undefined].map((port) => Member.start(settings(framework, port)))
    return new Stage(framework, redis, proxy, await Promise.all(places))
  }

  /** Nobody ended by himself. */
  get isWhole(): boolean {
    return ![this.app, this.peer, this.control].some(({ ended }) => ended)
  }

  /** Puts new processes into the places of those that use Redis. */
  async reboot(): Promise<void> {
    await Promise.all([this.app.stop(), this.peer.stop()])
    const start = () => Member.start(settings(this.framework, this.proxy.port))
    ;[this.app, this.peer] = await Promise.all([start(), start()])
  }

  /** Resolves when Redis answers a plain PING on the way that the applications take. */
  async answers(): Promise<void> {
    await eventually(() => ping(this.proxy.port), { within: PATIENCE, every: 5 })
  }

  async stop(): Promise<void> {
    await Promise.all([this.app, this.peer, this.control].map((member) => member.stop()))
    await this.proxy.stop()
    await this.redis.stop()
  }
}

function settings(framework: AppSettings['framework'], port: number | undefined): AppSettings {
  const redis = port === undefined ? undefined : `redis://127.0.0.1:${port}`
  return { framework, redis, database: undefined, delay: HANDLER, maxEntries: MAX_ENTRIES }
}

/** Rejects unless `+PONG` comes soon. */
async function ping(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(250, () => reject(new Error('No answer to PING')))
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('Closed')))
      socket.once('data', (reply) => (`${reply}`.startsWith('+PONG') ? resolve() : reject(new Error(`${reply}`))))
      socket.write('PING\r\n')
    })
  } finally {
    socket
      .removeAllListeners('close')
      .on('error', () => {})
      .destroy()
  }
}

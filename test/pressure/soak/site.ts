// Everything that a soak runs on: Redis behind a proxy, the database, and the processes.
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { Member, type MemberHooks } from '../app/member.ts'
import type { AppSettings } from '../app/settings.ts'
import { type Database, startDatabase } from './database.ts'

/** Entries in L1: fewer than there are ids, so that memory is full at the second minute. */
const MAX_ENTRIES = 2_000

/** What the site tells of. */
export interface SiteHooks extends MemberHooks {
  committed(id: string, version: number): void
}

/** All of it, running. */
export class Site {
  readonly redis: RedisServer
  readonly proxy: TcpProxy
  readonly database: Database
  readonly members: readonly Member[]

  private constructor(redis: RedisServer, proxy: TcpProxy, database: Database, members: readonly Member[]) {
    this.redis = redis
    this.proxy = proxy
    this.database = database
    this.members = members
  }

  /** @param processes Express and Koa in turn */
  static async start(processes: number, hooks: SiteHooks): Promise<Site> {
    const redis = await startRedis()
    const proxy = await startProxy(redis.port)
    const database = await startDatabase(hooks.committed)
    const settings = (i: number): AppSettings => ({
      framework: i % 2 === 0 ? 'Express' : 'Koa',
      redis: `redis://127.0.0.1:${proxy.port}`,
      database: database.port,
      delay: 0,
      maxEntries: MAX_ENTRIES,
    })
    const starting = Array.from({ length: processes }, (_, i) => Member.start(settings(i), hooks))
    return new Site(redis, proxy, database, await Promise.all(starting))
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()))
    await this.proxy.stop()
    await this.redis.stop()
    await this.database.stop()
  }
}

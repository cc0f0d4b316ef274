// Whatever others do to a version key that changes it invalidates, and does so each time, within the bound, on one server and on a Cluster.
import { Cluster } from 'ioredis'
import { expressHarness, type Harness, koaHarness, type Running } from '../contract/middleware.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { seenWithinBound } from './lag.ts'
import { PATIENT, Things } from './things.ts'

/** A way to change a key; `other` is a key of the same slot. */
type Change = (key: string, other: string) => readonly (readonly string[])[]

const changes: Readonly<Record<string, Change>> = {
  'DEL of the key': (key) => [['DEL', key]],
  'UNLINK of the key': (key) => [['UNLINK', key]],
  'GETDEL of the key': (key) => [['GETDEL', key]],
  'SET of the key': (key) => [['SET', key, 'anything']],
  'SET with a life of its own': (key) => [['SET', key, 'anything', 'EX', '3600']],
  'SET that is soon over': (key) => [['SET', key, 'anything', 'PX', '1']],
  'SET of a number': (key) => [['SET', key, '1']],
  'SET of a number with a fraction': (key) => [['SET', key, '1.5']],
  'SETEX of the key': (key) => [['SETEX', key, '60', 'anything']],
  'MSET of the key': (key) => [['MSET', key, 'anything']],
  'GETSET of the key': (key) => [['GETSET', key, 'anything']],
  'APPEND to the key': (key) => [['APPEND', key, 'a']],
  'SETRANGE in the key': (key) => [['SETRANGE', key, '0', 'x']],
  'EXPIRE at once': (key) => [['PEXPIRE', key, '1']],
  'EXPIRE in the past': (key) => [['EXPIREAT', key, '1']],
  'RENAME of a key over it': (key, other) => [
    ['SET', other, 'anything'],
    ['RENAME', other, key],
  ],
  'RENAME of the key away': (key, other) => [['RENAME', key, other]],
  'COPY of a key over it': (key, other) => [
    ['SET', other, 'anything'],
    ['COPY', other, key, 'REPLACE'],
  ],
  'a list in its place': (key) => [
    ['DEL', key],
    ['RPUSH', key, 'a'],
  ],
  'a hash in its place': (key) => [
    ['DEL', key],
    ['HSET', key, 'a', 'b'],
  ],
  'INCR from nothing': (key) => [
    ['DEL', key],
    ['INCR', key],
  ],
  'INCRBYFLOAT from nothing': (key) => [
    ['DEL', key],
    ['INCRBYFLOAT', key, '0.5'],
  ],
}

interface Deployment {
  readonly redis: string | object
  /** The server that holds the key. */
  holderOf(key: string): Promise<RedisServer>
  stop(): Promise<void>
}

// T57, T59
function overDeployment(title: string, open: () => Promise<Deployment>, harnesses: readonly [Harness, Harness]): void {
  describe(`${title}, an answer is invalidated for every process within the bound by`, function () {
    this.timeout(30_000)
    const things = new Things()
    const names = Object.keys(changes)
    const outcome = new Map<string, Promise<void>>()
    let deployment: Deployment
    let apps: readonly Running[]

    // All of them at once: each takes up to a second.
    before(async () => {
      deployment = await open()
      apps = await Promise.all(
        harnesses.map((harness) => harness.start(things.tell, { redis: deployment.redis, ...PATIENT })),
      )
      for (const name of names) {
        const seen = changedTwice(name)
        seen.catch(() => undefined)
        outcome.set(name, seen)
      }
    })
    after(async () => {
      await Promise.allSettled(outcome.values())
      await Promise.all(apps.map((app) => app.stop()))
      await deployment.stop()
    })

    async function changedTwice(name: string) {
      // Braces keep the keys of one case on one shard.
      const id = `{${names.indexOf(name)}}`
      const path = `/things/${encodeURIComponent(id)}`
      const key = `tiercache:v:thing:${id}`
      const holder = await deployment.holderOf(key)
      for (const value of [1, 2]) {
        await Promise.all(apps.map((app) => things.warm(app, id)))
        things.set(id, value)
        await atOnce(holder, changes[name]!(key, `other:${id}`), key)
        const changedAt = performance.now()
        await Promise.all(apps.map((app) => seenWithinBound(app, path, `v${value}`, changedAt)))
      }
    }

    for (const name of names) it(name, () => outcome.get(name))
  })
}

/** Runs commands one after another: a reader in between would have made the key again. */
async function atOnce(server: RedisServer, commands: readonly (readonly string[])[], key: string): Promise<void> {
  const script = 'for _, one in ipairs(cjson.decode(ARGV[1])) do redis.call(unpack(one)) end'
  await server.cli('EVAL', script, '1', key, JSON.stringify(commands))
}

overDeployment('on one server', async () => {
  const redis = await startRedis()
  return { redis: redis.url, holderOf: async () => redis, stop: () => redis.stop() }
}, [expressHarness, koaHarness])

overDeployment('on a Cluster', async () => {
  const cluster = await startCluster()
  const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  return {
    redis: client,
    holderOf: (key) => cluster.primaryOf(key),
    async stop() {
      client.disconnect()
      await cluster.stop()
    },
  }
}, [koaHarness, expressHarness])

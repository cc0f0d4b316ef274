// The documented line bumps a tag from any shell, and the documented script from any language: every process hears of it.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { Cluster, Redis } from 'ioredis'
import { findRedisCli } from '../../scripts/redis.mjs'
import { scripts, tokenPattern } from '../../src/versions/scripts.ts'
import { expressHarness, koaHarness, type Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { seenWithinBound } from './lag.ts'
import { PATIENT, Things } from './things.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const documented = /^\$ (redis-cli EVAL .* shop:v:product:1 .*)$/m.exec(readme)?.[1]

interface Deployment {
  readonly redis: string | object
  readonly nodes: readonly RedisServer[]
  /** What redis-cli is told besides the port. */
  readonly flags: string
  stop(): Promise<void>
}

function overDeployment(title: string, open: () => Promise<Deployment>): void {
  describe(`redis-cli, ${title},`, function () {
    this.timeout(30_000)
    const folder = mkdtempSync(join(tmpdir(), 'tiercache-cli-'))
    const things = new Things()
    let deployment: Deployment
    let apps: readonly Running[]
    let listeners: Redis[]
    let heard: string[]

    before(async () => {
      deployment = await open()
      const options = { redis: deployment.redis, namespace: 'shop', ...PATIENT }
      apps = [await expressHarness.start(things.tell, options), await koaHarness.start(things.tell, options)]
      listeners = deployment.nodes.map(({ port }) => new Redis({ port }))
      for (const listener of listeners) {
        listener.on('message', (_channel: string, text: string) => heard.push(text))
        await listener.subscribe('shop:bus')
      }
    })
    beforeEach(() => {
      heard = []
    })
    after(async () => {
      for (const listener of listeners) listener.disconnect()
      await Promise.all(apps.map((app) => app.stop()))
      await deployment.stop()
      rmSync(folder, { recursive: true })
    })

    /** Runs a line in a shell; whichever node is asked first, the script ends up where the key is. */
    async function shell(line: string): Promise<string> {
      const command = `${findRedisCli()} ${deployment.flags} -p ${deployment.nodes[0]!.port}`
      const { stdout } = await promisify(execFile)('sh', ['-c', line.replace('redis-cli', () => command)])
      return stdout.trim()
    }

    async function warm(id: string) {
      for (const app of apps) {
        await ask(app, `/strong/${encodeURIComponent(id)}`)
        await things.warm(app, id)
      }
    }

    /** All processes answer `v1` within the bound, or at once where that is promised, and everyone who listens was told. */
    async function isSeen(id: string, message: RegExp) {
      const changedAt = performance.now()
      const path = encodeURIComponent(id)
      for (const app of apps) expect((await ask(app, `/strong/${path}`)).text).to.equal('v1')
      await Promise.all(apps.map((app) => seenWithinBound(app, `/things/${path}`, 'v1', changedAt)))
      await eventually(() => {
        expect(heard.filter((text) => message.test(text))).to.have.length(listeners.length)
      })
    }

    for (const id of ['1', '2', '3', 'with spaces', "it's"]) {
      it(`bumps the tag of thing ${id} with the documented line`, async () => {
        await warm(id)
        things.set(id, 1)
        const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
        const line = documented!
          .replace(/shop:v:product:1/, () => quoted(`shop:v:thing:${id}`))
          .replace(/product:1$/, () => quoted(`thing:${id}`))
        expect(await shell(line)).to.match(/^(\(integer\) )?1$/)
        await isSeen(id, new RegExp(`^bump - thing:${id}$`))
      })
    }

    it('bumps a tag with the script that the cache itself uses, given random digits of the shell', async () => {
      await warm('scripted')
      things.set('scripted', 1)
      writeFileSync(join(folder, 'bump.lua'), scripts.bump.text)
      const digits = `$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')`
      const reply = await shell(
        `redis-cli --eval ${folder}/bump.lua shop:v:thing:scripted , ${digits} 120000 shop:bus thing:scripted ''`,
      )
      const [token = ''] = reply.split('\n')
      expect(token).to.match(tokenPattern)
      await isSeen('scripted', new RegExp(`^bump ${token} thing:scripted$`))
      // It is the version from now on: nobody had to make another one.
      await warm('scripted')
      expect(await shell('redis-cli GET shop:v:thing:scripted')).to.equal(token)
    })

    it('tells of a tag that nobody has met, and harms nobody', async () => {
      const digits = randomBytes(4).toString('hex')
      const line = documented!.replace(/shop:v:product:1/, `shop:v:${digits}`).replace(/product:1$/, digits)
      expect(await shell(line)).to.match(/^(\(integer\) )?0$/)
      await warm('calm')
    })
  })
}

overDeployment('on one server', async () => {
  const redis = await startRedis()
  return { redis: redis.url, nodes: [redis], flags: '', stop: () => redis.stop() }
})

overDeployment('on a Cluster', async () => {
  const cluster = await startCluster()
  const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  return {
    redis: client,
    nodes: cluster.nodes,
    flags: '-c',
    async stop() {
      client.disconnect()
      await cluster.stop()
    },
  }
})

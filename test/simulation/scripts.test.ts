// The simulated scripts do what the Lua does on a real server: the same commands on both leave, answer and publish the same.
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { claimScripts } from '../../src/guard/redis.ts'
import { scripts } from '../../src/versions/scripts.ts'
import { Random } from '../consistency/random.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Effect, Keyspace } from './keyspace.ts'
import { scriptOf } from './scripts.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const STEPS = 300
const CHANNEL = 'bus'
const KEYS = ['a', 'b', 'c']
const WRITERS = ['0123456789abcdef', 'fedcba9876543210']
const FUTURE = '2500000000000000.00000000000000aa'
/** What a key may hold before a script runs. */
const VALUES = ['1', 'something else', '17.ab', FUTURE, `!${FUTURE}!${WRITERS[0]}:2500000000000000,`]

type Step =
  | { readonly kind: 'set'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string }
  | {
      readonly kind: 'run'
      readonly name: string
      readonly text: string
      readonly key: string
      readonly args: string[]
    }

function drawStep(random: Random): Step {
  const key = random.pick(KEYS)
  if (random.chance(0.1)) return { kind: 'delete', key }
  if (random.chance(0.15)) return { kind: 'set', key, value: random.pick(VALUES) }
  const digits = Math.floor(random.next() * 2 ** 32)
    .toString(16)
    .padStart(16, '0')
  const writer = random.pick(WRITERS)
  const calls: Record<string, readonly [text: string, args: string[]]> = {
    bump: [scripts.bump.text, [digits, '120000', CHANNEL, `tag ${key}`, random.pick(['', writer])]],
    create: [scripts.create.text, [digits, '60000', CHANNEL, `tag ${key}`, '']],
    prolong: [scripts.prolong.text, [random.pick(['30000', '240000'])]],
    intend: [scripts.intend.text, [digits, '90000', CHANNEL, `tag ${key}`, writer]],
    claim: [claimScripts.claim.text, [writer, '90000']],
    renew: [claimScripts.renew.text, [writer, '90000']],
    release: [claimScripts.release.text, [writer, CHANNEL, 'filled', 'name']],
  }
  const name = random.pick(Object.keys(calls))
  const [text, args] = calls[name]!
  return { kind: 'run', name, text, key, args }
}

/** Instants of the present, and what is left of a life, differ between the two by as long as a step takes. */
function masked(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.replace(/\b1[789]\d{14}\b/g, 'now').replace(/\b\d{5,14}\b/g, 'life')
}

describe(`simulated scripts (seed ${seed})`, () => {
  let server: RedisServer
  let client: Redis
  let subscriber: Redis
  const heard: string[] = []

  before(async () => {
    server = await startRedis()
    client = new Redis(server.url)
    subscriber = new Redis(server.url)
    subscriber.on('message', (_channel: string, text: string) => heard.push(text))
    await subscriber.subscribe(CHANNEL)
  })

  after(async () => {
    client.disconnect()
    subscriber.disconnect()
    await server.stop()
  })

  it('do what the Lua does', async () => {
    const random = new Random(seed)
    const said: string[] = []
    const note = (effect: Effect) => {
      if (effect.kind === 'publish') said.push(effect.text)
    }
    const store = new Keyspace({ now: () => Date.now(), changed: note })
    for (let i = 0; i < STEPS; i++) {
      const step = drawStep(random)
      const both = [masked(onStore(store, step)), masked(await onServer(client, step))]
      expect(both[0], `reply ${i} to ${JSON.stringify(step)}`).to.equal(both[1])
      const held = [store.get(step.key), await client.get(step.key)].map(masked)
      expect(held[0], `value ${i} after ${JSON.stringify(step)}`).to.equal(held[1])
      const life = store.pttl(step.key)
      expect(await client.pttl(step.key), `life ${i} after ${JSON.stringify(step)}`).to.be.closeTo(life, 1000)
    }
    await eventually(() => expect(heard).to.have.length(said.length))
    expect(heard.map(masked)).to.deep.equal(said.map(masked))
  })
})

function onStore(store: Keyspace, step: Step): unknown {
  if (step.kind === 'set') return store.set(step.key, step.value, 200_000)
  if (step.kind === 'delete') return store.delete(step.key)
  return scriptOf(step.text)(store, step.key, step.args)
}

async function onServer(client: Redis, step: Step): Promise<unknown> {
  if (step.kind === 'set') return void (await client.set(step.key, step.value, 'PX', 200_000))
  if (step.kind === 'delete') return void (await client.del(step.key))
  return client.eval(step.text, 1, step.key, ...step.args)
}

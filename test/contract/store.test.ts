// Memory and Redis keep the same contract; what lies in Redis may moreover be anybody's.
import { expect } from 'chai'
import { monotonicClock } from '../../src/clock.ts'
import { encode } from '../../src/store/codec.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { eventually } from '../support/gate.ts'
import { command } from '../support/redis-admin.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { openRedisParts, type RedisParts } from './redis-parts.ts'
import { sampleEntry, storeContract } from './store.ts'

storeContract('memory', async () => ({
  store: memoryStore({ maxEntries: 1_000, maxBytes: 64_000_000, clock: monotonicClock }),
  close: async () => {},
}))

describe('a store in Redis', () => {
  let redis: RedisServer
  let parts: RedisParts

  before(async () => {
    redis = await startRedis()
    parts = await openRedisParts(redis.url)
  })
  after(async () => {
    parts.close()
    await redis.stop()
  })

  storeContract('Redis', async () => {
    const own = await openRedisParts(redis.url, 'contract')
    return { store: own.store, close: async () => own.close() }
  })

  // T64
  it('lets an entry live no longer than Redis would keep it, whatever the frame says', async () => {
    await parts.store.set('shortened', sampleEntry({ life: 60_000 }))
    await redis.cli('PEXPIRE', 'test:e:shortened', '5000')
    const before = monotonicClock.now()
    const found = (await parts.store.get('shortened'))!
    expect(found.expiresAt - before).to.be.within(3_000, 5_100)
    expect(found.staleAt).to.be.closeTo(found.expiresAt, 2)
    // 55 of its 60 seconds are over.
    expect(before - found.storedAt).to.be.within(54_900, 57_000)
  })

  // T64
  it('lets an entry live no longer than its frame says, whatever Redis would keep', async () => {
    await parts.store.set('kept', sampleEntry({ life: 5_000 }))
    await redis.cli('PERSIST', 'test:e:kept')
    expect(await parts.store.get('kept')).to.equal(undefined)
    await redis.cli('PEXPIRE', 'test:e:kept', '60000')
    expect((await parts.store.get('kept'))!.expiresAt - monotonicClock.now()).to.be.at.most(5_000)
  })

  const frame = encode(sampleEntry(), monotonicClock.now())
  const altered = (change: (copy: Buffer) => Buffer) => change(Buffer.from(frame))
  const start = 5 + frame.readUInt32BE(1)
  const withHead = (change: object) => {
    const head = Buffer.from(JSON.stringify({ ...JSON.parse(frame.toString('utf8', 5, start)), ...change }))
    const prefix = Buffer.from(frame.subarray(0, 5))
    prefix.writeUInt32BE(head.length, 1)
    return Buffer.concat([prefix, head, frame.subarray(start)])
  }
  // T47, T70
  const foreign: Readonly<Record<string, Buffer>> = {
    'a frame of another format': altered((copy) => {
      copy.writeUInt8(copy.readUInt8(0) + 1, 0)
      return copy
    }),
    'a frame without its last byte': altered((copy) => copy.subarray(0, -1)),
    'a frame that ends within its head': altered((copy) => copy.subarray(0, 40)),
    'a frame that ends within its prefix': altered((copy) => copy.subarray(0, 3)),
    'a frame with a byte too many': altered((copy) => Buffer.concat([copy, Buffer.from('x')])),
    'a head longer than any frame': altered((copy) => {
      copy.writeUInt32BE(0xffffffff, 1)
      return copy
    }),
    'a head that is no JSON': altered((copy) => copy.fill('{', 5, start)),
    'a head that is null': Buffer.concat([Buffer.from([1, 0, 0, 0, 4]), Buffer.from('null')]),
    'a status that is none': withHead({ status: 42 }),
    'a field that would split the answer': withHead({ headers: [['X-A', 'b\r\nSet-Cookie: c']] }),
    'a name that is no field name': withHead({ headers: [['X A', 'b']] }),
    'a length below zero': withHead({ length: -1 }),
    'tags without tokens': withHead({ tokens: [] }),
    'the empty string': Buffer.alloc(0),
    text: Buffer.from('{"hello":"world"}'),
    'ten million zeroes': Buffer.alloc(10_000_000),
  }
  for (const [what, bytes] of Object.entries(foreign)) {
    it(`takes ${what} for nothing, says so, and stores over it`, async () => {
      const key = what.replaceAll(' ', '-')
      await set(key, bytes)
      expect(await parts.store.get(key)).to.equal(undefined)
      expect(parts.events.filter((event) => event.type === 'unreadable' && event.key === key)).to.have.length(1)
      await parts.store.set(key, sampleEntry())
      expect(await parts.store.get(key)).to.have.property('response')
    })
  }

  // T68
  it('takes a value that is no string for nothing, says so, and stores over it', async () => {
    await redis.cli('LPUSH', 'test:e:list', 'a')
    await redis.cli('PEXPIRE', 'test:e:list', '60000')
    expect(await parts.store.get('list')).to.equal(undefined)
    expect(parts.events.filter((event) => event.type === 'unreadable' && event.key === 'list')).to.have.length(1)
    await parts.store.set('list', sampleEntry())
    expect(await parts.store.get('list')).to.have.property('response')
  })

  // T73
  it('lets go of what it cannot store soon, instead of queueing without bound', async () => {
    await redis.resetStats()
    await redis.freeze()
    const stores = Array.from({ length: 1_500 }, (_, i) => parts.store.set(`many-${i}`, sampleEntry()))
    await Promise.all(stores)
    await parts.store.flushed()
    redis.thaw()
    await eventually(async () => expect(await redis.commandStats()).to.have.property('set', 1_000))
  })

  async function set(key: string, value: Buffer): Promise<void> {
    // Arguments of the test's own client are text: latin1 in, bytes out by the script.
    const text = value.length > 1_000_000 ? `string.rep('\\0', ${value.length})` : `(ARGV[1]:gsub('..', unhex))`
    const script = `local function unhex(pair) return string.char(tonumber(pair, 16)) end
      redis.call('SET', KEYS[1], ${text}, 'PX', 60000) return 1`
    const hex = value.length > 1_000_000 ? '' : value.toString('hex')
    await command(redis.port, 'EVAL', script, '1', `test:e:${key}`, hex)
  }
})

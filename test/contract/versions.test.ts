// Versions of one process and versions in Redis keep the same contract; those in Redis hold for every process.
import { expect } from 'chai'
import { memoryVersions } from '../../src/versions/memory.ts'
import type { Versions } from '../../src/versions/versions.ts'
import { eventually } from '../support/gate.ts'
import { monitor } from '../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { openRedisParts, type RedisParts } from './redis-parts.ts'
import { TERMS, tokenOf, versionsContract } from './versions.ts'

versionsContract('versions in memory', async () => ({ versions: memoryVersions(), close: async () => {} }))

// T57
describe('versions in memory with room for few tags', () => {
  it('never give a former token back when they forget a tag', async () => {
    const versions = memoryVersions(3)
    const seen = new Set<string>()
    for (let i = 0; i < 50; i++) {
      versions.bump([`tag-${i % 7}`])
      const token = await tokenOf(versions, `tag-${i % 7}`)
      expect(seen.has(token)).to.equal(false)
      seen.add(token)
    }
  })
})

describe('versions in Redis', () => {
  let redis: RedisServer
  let parts: RedisParts[]
  let versions: readonly [Versions, Versions, Versions]

  before(async () => {
    redis = await startRedis()
    parts = await Promise.all([1, 2, 3].map(() => openRedisParts(redis.url)))
    versions = parts.map((one) => one.versions) as unknown as typeof versions
  })
  after(async () => {
    for (const one of parts) one.close()
    await redis.stop()
  })

  versionsContract('versions in Redis', async () => {
    const own = await openRedisParts(redis.url, 'contract')
    return { versions: own.versions, close: async () => own.close() }
  })

  it('are the same in every process, also when all first ask at once', async () => {
    const tokens = await Promise.all(versions.map((one) => tokenOf(one, 'shared')))
    expect(new Set(tokens).size).to.equal(1)
    // The process that asked last may have made the others doubt theirs: what they read then is the same.
    expect(new Set(await Promise.all(versions.map((one) => tokenOf(one, 'shared'))))).to.have.property('size', 1)
  })

  it('hold no former token that was read behind a bump whose script the server had forgotten', async () => {
    const [one] = versions
    for (let round = 0; round < 20; round++) {
      const former = await tokenOf(one, 'forgotten')
      await redis.cli('SCRIPT', 'FLUSH')
      const bumping = one.bump(['forgotten'])
      const reading = one.reread(['forgotten'], TERMS)
      await bumping
      expect(one.usable('forgotten', TERMS)).not.to.equal(former)
      await reading
      expect(one.usable('forgotten', TERMS)).not.to.equal(former)
    }
  })

  it('let every process forget a token that one of them bumped, soon', async () => {
    const [one, two, three] = versions
    const former = await tokenOf(one, 'told')
    await Promise.all([tokenOf(two, 'told'), tokenOf(three, 'told')])
    await one.bump(['told'])
    await eventually(() => expect([two.usable('told', TERMS), three.usable('told', TERMS)]).not.to.include(former), {
      within: 100,
    })
    const present = await Promise.all(versions.map((each) => tokenOf(each, 'told')))
    expect(new Set(present).size).to.equal(1)
    expect(present).not.to.include(former)
  })

  // T62
  it('agree on one token after all of them bumped at once', async () => {
    await Promise.all(versions.map((one) => tokenOf(one, 'raced')))
    await Promise.all(versions.flatMap((one) => Array.from({ length: 20 }, () => one.bump(['raced']))))
    await eventually(async () => {
      expect(new Set(await Promise.all(versions.map((one) => tokenOf(one, 'raced')))).size).to.equal(1)
    })
  })

  // T62
  it('tell Redis of a storm of bumps twice, not a hundred times', async () => {
    const watch = await monitor(redis.port)
    await Promise.all(Array.from({ length: 100 }, () => versions[0].bump(['stormed'])))
    const published = (await watch.take()).filter(({ name }) => name === 'publish')
    watch.stop()
    expect(published).to.have.length(2)
  })

  // T56
  it('do not vouch for a tag that another process bumped during the run', async () => {
    const [one, two] = versions
    await tokenOf(one, 'foreign')
    const mark = one.mark()
    await two.bump(['foreign'])
    // Not before one has heard of it: until then it may hold the former token, under which nothing is used again.
    await eventually(() => expect(one.usable('foreign', TERMS)).to.equal(undefined))
    expect(await one.unchangedSince(mark, ['foreign'], TERMS)).to.equal(undefined)
  })

  // T56
  it('vouch for a tag never met before if its token is older than the run', async () => {
    const [one, two] = versions
    const token = await tokenOf(two, 'old')
    await eventually(async () => {
      expect(await one.unchangedSince(one.mark(), ['old'], TERMS)).to.deep.equal({ tags: ['old'], tokens: [token] })
    })
  })

  // T56
  it('do not vouch for a tag whose first token was made during the run', async () => {
    expect(await versions[0].unchangedSince(versions[0].mark(), ['brand-new'], TERMS)).to.equal(undefined)
  })

  // T57
  for (const [what, spoil] of Object.entries({
    'was deleted': ['DEL'],
    'is a counter': ['SET', '1'],
    'is anything else': ['SET', 'anything'],
    'looks nearly like a token': ['SET', '17.xyz'],
  })) {
    it(`give a fresh token for good where the key ${what}`, async () => {
      const tag = what.replaceAll(' ', '-')
      const former = await tokenOf(versions[0], tag)
      const [name = '', ...args] = spoil
      await redis.cli(name, `test:v:${tag}`, ...args)
      const tokens = await Promise.all(versions.map(async (one) => (await one.reread([tag], TERMS)).tokens[0]))
      expect(tokens).not.to.include(former)
      await eventually(async () => {
        const again = await Promise.all(versions.map((one) => tokenOf(one, tag)))
        expect(new Set(again)).to.have.property('size', 1)
      })
      expect(await redis.cli('GET', `test:v:${tag}`)).to.match(/^\d+\.[0-9a-f]{16}$/)
    })
  }

  // T57
  it('are not brought back by counting on a lost key', async () => {
    const former = await tokenOf(versions[0], 'counted')
    expect(await redis.cli('INCR', 'test:v:counted').catch((error: Error) => error.message)).to.match(/not an integer/)
    expect((await versions[0].reread(['counted'], TERMS)).tokens).to.deep.equal([former])
    await redis.cli('DEL', 'test:v:counted')
    await redis.cli('INCR', 'test:v:counted')
    expect((await versions[0].reread(['counted'], TERMS)).tokens).not.to.include(former)
  })

  // T65
  it('make a later token although the clock of the server went back', async () => {
    const future = 4_102_444_800_000_000
    await redis.cli('SET', 'test:v:ahead', `${future}.0123456789abcdef`, 'PX', '60000')
    const former = await tokenOf(versions[0], 'ahead')
    expect(former).to.contain(`${future}.`)
    await versions[0].bump(['ahead'])
    expect(await redis.cli('GET', 'test:v:ahead')).to.match(new RegExp(`^${future + 1}\\.[0-9a-f]{16}$`))
    expect(await tokenOf(versions[1], 'ahead')).to.contain(`${future + 1}.`)
  })

  // T68
  it('replace a key of a wrong type', async () => {
    const former = await tokenOf(versions[0], 'typed')
    await redis.cli('DEL', 'test:v:typed')
    await redis.cli('SADD', 'test:v:typed', 'a')
    expect((await versions[0].reread(['typed'], TERMS)).tokens).not.to.include(former)
    await redis.cli('DEL', 'test:v:typed')
    await redis.cli('SADD', 'test:v:typed', 'a')
    expect(await versions[1].bump(['typed'])).to.have.property('applied', 'everywhere')
  })

  // T59
  it('find out within the bound what was changed behind their back', async () => {
    const former = await tokenOf(versions[0], 'behind')
    await redis.cli('SET', 'test:v:behind', '1700000000000000.0123456789abcdef')
    await eventually(
      () => {
        // In use, as an entry's tag is.
        expect(versions[0].usable('behind', TERMS)).not.to.equal(former)
      },
      { within: 1_500 },
    )
  })
})

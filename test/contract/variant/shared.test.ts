// Variants in Redis: what one process stored under a header's value, the other one finds by it, and by no other value.
import { expect } from 'chai'
import { outcomes, overPairs, storedKey } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import type { App, Running } from '../middleware.ts'
import { askIn, speak } from './languages.ts'

// T33
overPairs('variants in Redis', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let first: Running
  let second: Running
  let version = 1
  let answered = 0

  const tell = (app: App) => {
    app.read(
      '/page',
      (asked) => ({ ...speak(asked), body: `${speak(asked).body}: ${version}, run ${++answered}` }),
      '1m',
      {
        tags: () => 'page',
        bypass: { mode: 'refresh' },
      },
    )
    app.write('put', '/page', ['page'], () => {
      version++
      return { body: '' }
    })
  }

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    answered = 0
    version = 1
    first = await firstHarness.start(tell, { redis: redis.url, ...unhurried })
    second = await secondHarness.start(tell, { redis: redis.url, ...unhurried })
  })
  afterEach(() => Promise.all([first.stop(), second.stop()]))
  after(() => redis.stop())

  /** Asks and waits until Redis has what was stored. */
  async function fill(app: Running, language: string | undefined) {
    const answer = await askIn(app, language)
    await storedKey(app, redis)
    return answer.text
  }

  it('answer the other process, each its own asker', async () => {
    const languages = ['de', 'en', '', undefined]
    const stored = []
    for (const language of languages) stored.push(await fill(first, language))
    const found = []
    for (const language of languages) found.push((await askIn(second, language)).text)
    expect(found).to.deep.equal(stored)
    expect(outcomes(second)).to.deep.equal(Array(4).fill('hit l2'))
    for (const language of languages) await askIn(second, language)
    expect(outcomes(second).slice(4)).to.deep.equal(Array(4).fill('hit l1'))
    expect(answered).to.equal(4)
  })

  it('of which one is there and the other is not are found and made', async () => {
    await fill(first, 'de')
    expect(await fill(second, 'en')).to.equal('in "en": 1, run 2')
    expect((await askIn(second, 'de')).text).to.equal('in "de": 1, run 1')
    expect(outcomes(second)).to.deep.equal(['miss', 'hit l2'])
    expect((await askIn(first, 'en')).text).to.equal('in "en": 1, run 2')
    expect(outcomes(first)).to.deep.equal(['miss', 'hit l2'])
  })

  it('are found by those who wait for one look-up together, each its own', async () => {
    await fill(first, 'de')
    await fill(first, 'en')
    const languages = ['de', 'en', 'de', 'fr', 'en', 'fr']
    const answers = await Promise.all(languages.map((language) => askIn(second, language)))
    expect(answers.map(({ text }) => text.slice(0, 7))).to.deep.equal(languages.map((language) => `in "${language}"`))
    expect(answered).to.equal(3)
  })

  it('are never mixed by 200 who ask both processes at once', async () => {
    const languages = Array.from({ length: 200 }, (_, i) => ['de', 'en', 'fr', undefined][(i * 7) % 4])
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(languages.map((language, i) => askIn(i % 2 === 0 ? first : second, language)))
      expect(answers.map(({ text }) => text.split(':')[0])).to.deep.equal(
        languages.map((language) => `in ${language === undefined ? 'nothing' : JSON.stringify(language)}`),
      )
    }
  })

  it('all die with one invalidation, in both processes', async () => {
    const languages = ['de', 'en', undefined]
    for (const language of languages) {
      await fill(first, language)
      await askIn(second, language)
    }
    await send(second.port, '/page', { method: 'PUT', headers: { host: 'shop.test' } })
    for (const app of [first, second]) {
      await eventually(async () => {
        for (const language of languages) expect((await askIn(app, language)).text).to.match(/: 2, run/)
      })
    }
  })

  it('outlive what leads to them in Redis, and are found again by it', async () => {
    await fill(first, 'de')
    const lead = (await redis.cli('KEYS', 'tiercache:e:*')).split('\n')
    expect(lead).to.have.length(2)
    const variant = await storedKey(first, redis)
    await redis.cli('DEL', lead.find((key) => key !== variant)!)
    // The other process runs, since nothing leads it there, and shows the way again.
    expect(await fill(second, 'en')).to.equal('in "en": 1, run 2')
    expect((await askIn(second, 'de')).text).to.equal('in "de": 1, run 1')
    expect(outcomes(second)).to.deep.equal(['miss', 'hit l2'])
  })

  it('that Redis has lost are made again, though something leads to them', async () => {
    await fill(first, 'de')
    await redis.cli('DEL', await storedKey(first, redis))
    expect((await askIn(second, 'de')).text).to.equal('in "de": 1, run 2')
    expect((await askIn(first, 'de')).text).to.equal('in "de": 1, run 1')
  })

  it('are renewed for both processes by who asks for it', async () => {
    await fill(first, 'de')
    await fill(first, 'en')
    const renewed = await askIn(second, 'de', '/page?is_not_cache=1')
    expect(renewed.text).to.equal('in "de": 1, run 3')
    await storedKey(second, redis)
    expect((await askIn(second, 'de')).text).to.equal('in "de": 1, run 3')
    expect((await askIn(second, 'en')).text).to.equal('in "en": 1, run 2')
  })
})

// What lies in Redis is not what the cache put there: it is a miss, and is stored over.
import { expect } from 'chai'
import { overFrameworks } from '../contract/middleware.ts'
import { ask, changes, outcomes, storedKey } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { expectNoRepetition, Shop } from './shop.ts'

// T68, T70
overFrameworks('a Redis that holds something else', (harness) => {
  const shop = new Shop(harness)
  beforeEach(() => shop.open())
  afterEach(() => shop.close())

  it('with NOSCRIPT, having forgotten our scripts, learns them again', async () => {
    const app = await shop.start()
    await ask(app, '/things/scripted')
    await shop.redis.cli('SCRIPT', 'FLUSH')
    expect(await app.cache.bump('thing:scripted')).to.have.property('applied', 'everywhere')
    await shop.redis.cli('SCRIPT', 'FLUSH')
    await ask(app, '/things/scripted')
    await ask(app, '/things/scripted')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit l1'])
    await shop.returned(app)
    expect(changes(app)).to.deep.equal(['redis up'])
  })

  it('with WRONGTYPE at an entry answers from the handler and stores over it', async () => {
    const app = await shop.start()
    await ask(app, '/things/typed')
    const key = await storedKey(app, shop.redis)
    await shop.redis.cli('DEL', key)
    await shop.redis.cli('SADD', key, 'a')
    await shop.redis.cli('EXPIRE', key, '60')
    const other = await shop.start()
    expect(await ask(other, '/things/typed')).to.include({ status: 200, text: 'thing typed' })
    await eventually(async () => expect(await shop.redis.cli('TYPE', key)).to.equal('string'))
    expect(other.events.filter(({ type }) => type === 'unreadable')).to.have.length(1)
    expect(changes(other)).to.deep.equal(['redis up'])
  })

  it('with WRONGTYPE at its version keys takes the entries for dead and makes new keys', async () => {
    const app = await shop.start()
    await ask(app, '/things/typed')
    for (const tag of ['*', '/things/:id', 'thing:typed']) {
      await shop.redis.cli('DEL', `tiercache:v:${tag}`)
      await shop.redis.cli('LPUSH', `tiercache:v:${tag}`, 'a')
    }
    const other = await shop.start()
    await ask(other, '/things/typed')
    await ask(other, '/things/typed')
    expect(outcomes(other)).to.deep.equal(['miss', 'hit l1'])
    expect(await other.cache.bump('thing:typed')).to.have.property('applied', 'everywhere')
    expectNoRepetition(changes(other))
  })

  for (const [what, value] of Object.entries({
    'of another format': '\x02\x00\x00\x00\x02{}',
    truncated: '\x01\x00\x00\x01\x00{"status":200',
    'that is garbage': 'garbage',
  })) {
    // T47, T70
    it(`with a frame ${what} answers from the handler and stores over it`, async () => {
      const app = await shop.start()
      await ask(app, '/things/foreign')
      const key = await storedKey(app, shop.redis)
      await shop.redis.cli('SET', key, value, 'EX', '60')
      const other = await shop.start()
      expect(await ask(other, '/things/foreign')).to.include({ status: 200, text: 'thing foreign' })
      await storedKey(other, shop.redis)
      await eventually(async () => expect(await shop.redis.cli('GET', key)).not.to.equal(value))
      await ask(other, '/things/foreign')
      expect(outcomes(other)).to.deep.equal(['miss', 'hit l1'])
      expect(other.events.filter(({ type }) => type === 'unreadable')).to.have.length(1)
    })
  }

  // T70
  it('a value larger than any it takes does so for that value alone', async () => {
    await shop.redis.cli('CONFIG', 'SET', 'proto-max-bulk-len', '1mb')
    const body = 'x'.repeat(1_500_000)
    const app = await shop.start({}, (app) => {
      app.read('/large', () => ({ body }), '5m', { maxBodyBytes: '2mb' })
    })
    for (let i = 0; i < 2; i++) expect((await ask(app, '/large')).body).to.have.length(body.length)
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    await shop.returned(app)
    expectNoRepetition(changes(app))
  })
})

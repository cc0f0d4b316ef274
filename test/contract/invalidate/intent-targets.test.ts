// The targets of an announced write: named once, before its handler runs; those that only the answer would name are bumped all the same.
import { expect } from 'chai'
import { ask, outcomes } from '../../support/apps.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { type App, overFrameworks, type WriteArgument } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'
import { MARKER, TOKEN } from './announced.ts'

overFrameworks('the targets of an announced write', (harness) => {
  const start = starting(harness)
  let redis: RedisServer
  let log: string[]

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    log = []
  })
  after(() => redis.stop())

  const versionKey = (tag: string) => redis.cli('GET', `tiercache:v:${tag}`)

  /** Tells an application whose write of `/users/:id` records which of these tags carry its marker. */
  function told(targets: readonly WriteArgument[], tags: readonly string[]) {
    return (app: App) => {
      app.write('put', '/users/:id', [...targets, { mode: 'intent' }], async () => {
        log.push('handler')
        for (const tag of tags) log.push(`${tag} ${MARKER.test(await versionKey(tag)) ? 'marked' : 'not marked'}`)
        return { body: 'written' }
      })
      app.read('/users/:id', ({ params }) => ({ body: `user ${params.id}` }), '5m', { consistency: 'strong' })
    }
  }

  async function expectSettled(tags: readonly string[]) {
    for (const tag of tags) expect(await versionKey(tag), tag).to.match(TOKEN)
  }

  it('are asked for once, before the handler, and all of them are marked', async () => {
    const app = await start(
      told(
        [
          'fixed',
          ({ params, body }) => {
            log.push('asked')
            return [`user:${params.id}`, `team:${(body as { team: string }).team}`]
          },
          async () => {
            await Promise.resolve()
            log.push('asked too')
            return 'user:1'
          },
        ],
        ['fixed', 'user:1', 'team:red'],
      ),
      { redis: redis.url, ...unhurried },
    )
    const answer = await ask(app, '/users/1', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ team: 'red' }),
    })
    expect(answer.status).to.equal(200)
    expect(log.slice(0, 2)).to.have.members(['asked', 'asked too'])
    expect(log.slice(2)).to.deep.equal(['handler', 'fixed marked', 'user:1 marked', 'team:red marked'])
    await expectSettled(['fixed', 'user:1', 'team:red'])
    expect(eventsOf(app, 'bump').map(({ tags }) => tags)).to.deep.equal([['fixed', 'user:1', 'team:red']])
  })

  it('that fail leave the others and the route itself, and are told of', async () => {
    const app = await start(
      told(
        [
          'fixed',
          () => {
            throw new Error('mine')
          },
          () => Promise.reject(new Error('mine too')),
        ],
        ['fixed', '/users/:id', '/users'],
      ),
      { redis: redis.url, ...unhurried },
    )
    expect((await ask(app, '/users/1', { method: 'PUT' })).status).to.equal(200)
    expect(log).to.deep.equal(['handler', 'fixed marked', '/users/:id marked', '/users marked'])
    const failed = eventsOf(app, 'function-failed')
    expect(failed.map(({ function: name, error }) => [name, (error as Error).message])).to.deep.equal([
      ['target', 'mine'],
      ['target', 'mine too'],
    ])
    await expectSettled(['fixed', '/users/:id', '/users'])
  })

  it('are the route and the collection above it where there are none', async () => {
    const app = await start(told([], ['/users/:id', '/users']), { redis: redis.url, ...unhurried })
    await ask(app, '/users/1')
    await ask(app, '/users/1', { method: 'PUT' })
    expect(log).to.deep.equal(['handler', '/users/:id marked', '/users marked'])
    await ask(app, '/users/1')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
    await expectSettled(['/users/:id', '/users'])
  })

  it('include the route that answers where the middleware stands before all routes', async () => {
    let value = 0
    const app = await start(
      (app) => {
        app.useInvalidate({ mode: 'intent' })
        app.read('/users/:id', () => ({ body: `v${value}` }), '5m', { consistency: 'strong' })
        app.plain('put', '/users/:id', () => ({ body: `written ${++value}` }))
      },
      { redis: redis.url, ...unhurried },
    )
    for (let i = 0; i < 2; i++) await ask(app, '/users/1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    expect((await ask(app, '/users/1', { method: 'PUT' })).text).to.equal('written 1')
    expect((await ask(app, '/users/1')).text).to.equal('v1')
  })

  it('are not needed by requests that change nothing, where the middleware stands before all routes', async () => {
    const app = await start(
      (app) => {
        app.useInvalidate('fixed', { mode: 'intent' })
        app.read('/users/:id', () => ({ body: 'user' }), '5m', { tags: 'fixed' })
      },
      { redis: redis.url, ...unhurried },
    )
    for (let i = 0; i < 2; i++) await ask(app, '/users/1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    expect(eventsOf(app, 'bump')).to.deep.equal([])
  })
})

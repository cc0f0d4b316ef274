// `app.use(invalidate())`: for every request that may write, and for no other.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { get, send } from '../../support/http-client.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('an invalidation for everything', (harness) => {
  const start = starting(harness)

  // T61
  it('is deaf to methods that only read', async () => {
    const app = await start((app) => {
      app.useInvalidate('x')
      app.read('/page', () => ({ body: 'page' }), '1m', { tags: 'x' })
      app.plain('options' as 'get', '/page', () => ({ body: 'options' }))
    })
    await get(app.port, '/page')
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect((await send(app.port, '/page', { method })).status).to.equal(200)
    }
    expect(eventsOf(app, 'bump')).to.deep.equal([])
    expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'hit'])
  })

  for (const method of ['POST', 'PUT', 'DELETE'] as const) {
    // T61
    it(`bumps what the route that answered carries: ${method}`, async () => {
      const app = await start((app) => {
        app.useInvalidate()
        app.read('/users/:id', () => ({ body: 'user' }))
        app.read('/users', () => ({ body: 'users' }))
        app.read('/posts', () => ({ body: 'posts' }))
        app.plain(method.toLowerCase() as 'post', '/users/:id', () => ({ body: 'written' }))
      })
      const paths = ['/users/1', '/users', '/posts']
      for (const path of paths) await get(app.port, path)
      await send(app.port, '/users/2', { method })
      for (const path of paths) await get(app.port, path)
      expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'miss', 'miss', 'hit'])
    })
  }

  it('bumps nothing where the write fails', async () => {
    const app = await start((app) => {
      app.useInvalidate()
      app.read('/users', () => ({ body: 'users' }))
      app.plain('post', '/users', () => ({ status: 422, body: 'no' }))
    })
    await get(app.port, '/users')
    await send(app.port, '/users', { method: 'POST' })
    await send(app.port, '/nowhere', { method: 'POST' })
    await get(app.port, '/users')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
  })

  it('goes with a cache for everything: reads are kept, writes renew what they touch', async () => {
    let value = 1
    const app = await start((app) => {
      app.useCache()
      app.useInvalidate()
      app.plain('get', '/users/:id', () => ({ body: `value ${value}` }))
      app.plain('put', '/users/:id', () => ({ body: `value ${++value}` }))
    })
    const texts: string[] = []
    for (const method of ['GET', 'GET', 'PUT', 'GET', 'GET']) {
      texts.push((await send(app.port, '/users/1', { method })).text)
    }
    expect(texts).to.deep.equal(['value 1', 'value 1', 'value 2', 'value 2', 'value 2'])
    expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'bypass', 'miss', 'hit'])
  })

  for (const [title, later] of Object.entries({ 'at once': false, later: true })) {
    it(`goes with one on the route: both are done, ${title}, before the answer arrives whole`, async () => {
      const naming = (tag: string) => (later ? async () => tag : () => tag)
      const app = await start((app) => {
        app.useInvalidate(naming('outer'))
        app.write('put', '/text', [naming('inner')], () => ({ status: 201, body: 'written' }))
        app.write('put', '/stream', [naming('inner')], () => ({ body: Readable.from(['writ', 'ten']) }))
        app.write('put', '/nothing', [naming('inner')], () => ({ status: 204 }))
      })
      for (const [path, status, body] of [
        ['/text', 201, 'written'],
        ['/stream', 200, 'written'],
        ['/nothing', 204, ''],
      ] as const) {
        const before = app.events.length
        const { text, ...answer } = await send(app.port, path, { method: 'PUT' })
        const bumped = eventsOf({ events: app.events.slice(before) }, 'bump').flatMap(({ tags }) => tags)
        expect({ path, status: answer.status, text }).to.deep.equal({ path, status, text: body })
        expect(new Set(bumped)).to.deep.equal(new Set(['inner', 'outer']))
      }
    })
  }

  it('acts on a route whatever its method is', async () => {
    const app = await start((app) => {
      app.read('/page', () => ({ body: 'page' }), '1m', { tags: 'x' })
      app.write('get' as 'put', '/logout', ['x'], () => ({ body: 'bye' }))
    })
    for (const path of ['/page', '/logout', '/page']) await get(app.port, path)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
  })
})

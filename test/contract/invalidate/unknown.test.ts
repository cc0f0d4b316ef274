// A target that nothing ever carried: one event, with the nearest known name.
import { expect } from 'chai'
import { get, send } from '../../support/http-client.ts'
import { overFrameworks, type WriteTarget } from '../middleware.ts'
import { eventsOf, type outcomes, starting } from '../starting.ts'

overFrameworks('a target of a write', (harness) => {
  const start = starting(harness)
  const writing = (...targets: WriteTarget[]) =>
    start((app) => {
      app.read('/products', () => ({ body: 'products' }), '1m', { tags: ['catalog', 'shop'] })
      app.read('/users/:id', () => ({ body: 'user' }), '1m', { tags: ({ params }) => `user:${params.id}` })
      app.read('/named', () => ({ body: 'named' }), '1m', { name: 'offers' })
      app.write('put', '/write', targets, () => ({ body: 'written' }))
    })
  const write = (app: { port: number }) => send(app.port, '/write', { method: 'PUT' })
  const unknown = (app: Parameters<typeof outcomes>[0]) =>
    eventsOf(app, 'unknown-target').map(({ target, nearest }) => [target, nearest])

  it('is reported with the nearest known name where nothing ever carried it, once', async () => {
    const app = await writing('/prodcuts', 'catalgo', 'user:42', 'nothing like any of them')
    await get(app.port, '/products')
    await get(app.port, '/users/41')
    await write(app)
    await write(app)
    expect(unknown(app)).to.deep.equal([
      ['/prodcuts', '/products'],
      ['catalgo', 'catalog'],
      ['user:42', 'user:41'],
      ['nothing like any of them', undefined],
    ])
    expect(eventsOf(app, 'bump'), 'and bumped all the same').to.have.length(2)
  })

  it('is not reported where a route or an entry carried it', async () => {
    const app = await writing('/products', 'catalog', 'user:42', '/users/:id', 'offers', '*')
    for (const path of ['/products', '/users/42', '/named']) await get(app.port, path)
    await write(app)
    expect(unknown(app)).to.deep.equal([])
  })

  it('is not reported where the first request to its route is yet to come', async () => {
    const app = await writing('/products', 'catalog', '/users/:id', 'offers', '*')
    await write(app)
    await get(app.port, '/users/1')
    await write(app)
    expect(unknown(app)).to.deep.equal([])
  })

  it('is not reported where it comes from a function: it may name what was never read', async () => {
    const app = await writing(() => 'user:77')
    await get(app.port, '/products')
    await write(app)
    expect(unknown(app)).to.deep.equal([])
  })
})

// A write bumps when it succeeded, and before anyone can see that it did.
import { expect } from 'chai'
import { deferred, eventually } from '../../support/gate.ts'
import { get, getAndLeave, send } from '../../support/http-client.ts'
import { type Handler, overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('a write', (harness) => {
  const start = starting(harness)
  const writing = (handler: Handler) =>
    start((app) => {
      app.read('/value', () => ({ body: 'value' }))
      app.write('put', '/value', ['/value'], handler)
    })

  for (const status of [200, 201, 202, 204, 301, 302, 303, 304, 307, 399]) {
    // T61
    it(`bumps where it answers ${status}`, async () => {
      const app = await writing(() => ({ status, headers: { Location: '/value' } }))
      await get(app.port, '/value')
      expect((await send(app.port, '/value', { method: 'PUT' })).status).to.equal(status)
      await get(app.port, '/value')
      expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
    })
  }

  const failures: Readonly<Record<string, Handler>> = {
    ...Object.fromEntries(
      [400, 401, 403, 404, 409, 422, 429, 500, 502, 503].map((status) => [
        `answers ${status}`,
        () => ({ status, body: 'no' }),
      ]),
    ),
    throws: () => {
      throw new Error('database gone')
    },
    'rejects with a status': () => Promise.reject(Object.assign(new Error('conflict'), { status: 409 })),
  }
  for (const [title, handler] of Object.entries(failures)) {
    // T61
    it(`bumps nothing where it ${title}`, async () => {
      const app = await writing(handler)
      await get(app.port, '/value')
      expect((await send(app.port, '/value', { method: 'PUT' })).status).to.be.at.least(400)
      await get(app.port, '/value')
      expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
      expect(eventsOf(app, 'bump')).to.deep.equal([])
    })
  }

  // T61
  it('holds its answer back until the bump is done, and the very next read is new', async () => {
    const naming = deferred()
    let value = 1
    const app = await start((app) => {
      app.read('/value', () => ({ body: `value ${value}` }))
      const target = async () => {
        await naming.promise
        return '/value'
      }
      app.write('put', '/value', [target], () => {
        value++
        return { body: 'written' }
      })
    })
    await get(app.port, '/value')
    let answered = false
    const writer = send(app.port, '/value', { method: 'PUT' }).then((answer) => {
      answered = true
      return answer
    })
    await eventually(() => expect(value).to.equal(2))
    // Others may still get what was, for the writer knows nothing yet.
    for (let asked = 0; asked < 5; asked++) expect((await get(app.port, '/value')).text).to.equal('value 1')
    expect(answered).to.equal(false)
    naming.resolve()
    expect((await writer).text).to.equal('written')
    expect((await get(app.port, '/value')).text).to.equal('value 2')
  })

  // T61
  it('bumps all the same where its client has left', async () => {
    const begun = deferred()
    const commit = deferred()
    const app = await start((app) => {
      app.read('/value', () => ({ body: 'value' }))
      // On a route it does not matter which method that is for.
      app.write('get' as 'put', '/write', ['/value'], async () => {
        begun.resolve()
        await commit.promise
        return { body: 'written' }
      })
    })
    await get(app.port, '/value')
    let closed = false
    app.server.on('request', (_req, res) => res.on('close', () => (closed = true)))
    const leave = getAndLeave(app.port, '/write')
    await begun.promise
    leave()
    await eventually(() => expect(closed).to.equal(true))
    commit.resolve()
    await eventually(() => expect(eventsOf(app, 'bump')).to.have.length.above(0))
    await get(app.port, '/value')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
  })
})

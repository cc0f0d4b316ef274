// What is private to who asks makes the answer of a handler that reads it that client's alone, whether it is there or not.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { overSides, runs, told } from './sides.ts'

overSides('a handler that reads what is private', (side, start) => {
  // T30, T31, T52: the value may be absent, else members would get the guests' page
  for (const [path, readings] of Object.entries(side.listed)) {
    for (const [i, read] of readings.entries()) {
      for (const headers of [{}, { Cookie: 'sid=1' }]) {
        it(`is not stored: ${path} ${i}, ${Object.keys(headers).join() || 'no cookie'}`, async () => {
          const app = await start({ handler: (native) => `seen ${String(read(native) !== undefined)}` })
          for (let asked = 1; asked <= 2; asked++) {
            const answer = await get(app.port, '/page', headers)
            expect(answer.status).to.equal(200)
            expect(answer.headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=private-read')
            expect(answer.headers.age).to.equal(undefined)
          }
          expect(runs(app)).to.deep.equal(['private-read', 'private-read'])
          expect(told(app)).to.include(path)
          expect(new Set(told(app)).size).to.equal(told(app).length)
        })
      }
    }
  }

  it('is told of once for each path, with what to write', async () => {
    const app = await start({ handler: ({ req }) => `${req.headers.cookie} ${req.user}` })
    for (let asked = 1; asked <= 3; asked++) await get(app.port, '/page')
    const events = app.events.filter(({ type }) => type === 'private-read')
    const route = side.name === 'Express' ? '/page' : '/'
    expect(events).to.deep.equal([
      {
        type: 'private-read',
        route,
        read: 'req.headers.cookie',
        hint: "vary: ['cookie'], or varyBy: (req) => req.user?.id, or public: true if it makes no difference",
      },
      {
        type: 'private-read',
        route,
        read: 'req.user',
        hint: 'varyBy: (req) => req.user?.id, or public: true if it makes no difference',
      },
    ])
  })

  it('is found out after it waited', async () => {
    const app = await start({
      handler: async ({ req }) => {
        await new Promise((resolve) => setImmediate(resolve))
        return `${req.session}`
      },
    })
    await get(app.port, '/page')
    expect(runs(app)).to.deep.equal(['private-read'])
    expect(told(app)).to.deep.equal(['req.session'])
  })

  it('counts in middleware between the cache and the handler', async () => {
    const app = await start({
      between: [
        ({ req }, next) => {
          req.tenant = req.headers.cookie
          return next()
        },
      ],
      handler: () => 'page',
    })
    await get(app.port, '/page')
    expect(runs(app)).to.deep.equal(['private-read'])
  })

  it('reads what middleware between has set', async () => {
    const app = await start({
      between: [
        ({ req }, next) => {
          req.session = { user: 'ann' }
          req.user = 'ann'
          return next()
        },
      ],
      handler: ({ req }) => `${req.session.user}`,
    })
    expect((await get(app.port, '/page')).text).to.equal('ann')
    expect(told(app)).to.deep.equal(['req.session'])
  })

  it('does not read what it sets', async () => {
    const app = await start({
      handler: ({ req, subject }) => {
        req.session = { user: 'ann' }
        subject.state = {}
        subject.state.user = 'ann'
        req.headers.cookie = 'sid=2'
        return 'page'
      },
    })
    await get(app.port, '/page')
    expect(runs(app)).to.deep.equal(['stored'])
  })

  it('that goes through all headers reads those that came', async () => {
    const app = await start({
      handler: ({ req }) => Object.keys({ ...req.headers }).join() && req.rawHeaders.length > 0 && 'page',
    })
    await get(app.port, '/page')
    await get(app.port, '/page?other', { Cookie: 'sid=1' })
    expect(runs(app)).to.deep.equal(['stored', 'private-read'])
  })

  it('that takes the headers as they came reads those that came', async () => {
    const app = await start({ handler: ({ req }) => req.rawHeaders.length > 0 && 'page' })
    await get(app.port, '/page')
    await get(app.port, '/page?other', { Cookie: 'sid=1' })
    expect(runs(app)).to.deep.equal(['stored', 'private-read'])
  })
})

// An Express application mounted in another gives each request its own prototype, and takes it away again.
import { expect } from 'chai'
import express, { type Request } from 'express'
import { createCache } from '../../../src/express.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { get } from '../../support/http-client.ts'
import { listening } from '../starting.ts'
import { runs, told } from './sides.ts'

type Any = Omit<Request, 'session'> & { session?: { user?: string } } & Record<string, unknown>

describe('private readings in an Express application mounted behind the cache', () => {
  const listen = listening()

  async function start(handler: (req: Any) => string, session?: unknown) {
    const events: CacheEvent[] = []
    const prototypes: unknown[] = []
    const { cacheRoute } = createCache({ listeners: [(event) => events.push(event)] })
    const app = express()
    const mounted = express()
    mounted.get('/page', (req, res) => void res.send(handler(req as unknown as Any)))
    app.use((req, res, next) => {
      if (session !== undefined) Object.assign(req, { session })
      prototypes.push(Object.getPrototypeOf(req))
      res.on('finish', () => prototypes.push(Object.keys(req), Object.getPrototypeOf(req)))
      next()
    })
    app.use('/in', cacheRoute('1m'), mounted)
    app.use(cacheRoute('1m'), mounted)
    app.get('/after', (req, res) => void res.send(handler(req as unknown as Any)))
    return { events, prototypes, app, mounted, port: await listen(app as never) }
  }

  const readings: Readonly<Record<string, (req: Any) => unknown>> = {
    'req.session': (req) => req.session,
    'req.user': (req) => req.user,
    'req.headers.cookie': (req) => req.get('Cookie'),
    'req.cookies': (req) => req.cookies,
  }
  for (const [path, read] of Object.entries(readings)) {
    for (const where of ['/in/page', '/page', '/after']) {
      it(`are seen: ${path} at ${where}`, async () => {
        const app = await start((req) => `page ${read(req)}`)
        await get(app.port, where)
        expect([runs(app), told(app)]).to.deep.equal([['private-read'], [path]])
      })
    }
  }

  it('are seen of what is there', async () => {
    const app = await start((req) => `page ${req.session?.user}`, { user: 'ann' })
    expect((await get(app.port, '/page')).text).to.equal('page ann')
    expect(told(app)).to.deep.equal(['req.session'])
  })

  it('are seen of what was set there', async () => {
    const app = await start((req) => {
      req.session = { user: 'bob' }
      return `page ${req.session?.user} ${Object.keys(req).includes('session')}`
    })
    expect((await get(app.port, '/page')).text).to.equal('page bob true')
    expect(told(app)).to.deep.equal(['req.session'])
  })

  it('are none where nothing is read', async () => {
    const app = await start((req) => `page ${req.protocol} ${req.host} ${req.accepts('html')} ${req.app !== undefined}`)
    const first = await get(app.port, '/page', { Cookie: 'a=1', Host: 'x' })
    expect(first.text).to.equal('page http x html true')
    expect((await get(app.port, '/page', { Host: 'x' })).headers.age).to.equal('0')
    expect(told(app)).to.deep.equal([])
  })

  it('leave nothing behind', async () => {
    const app = await start((req) => `page ${req.session}`)
    await get(app.port, '/after')
    const [was, keys, is] = app.prototypes
    expect(keys).to.not.include('session')
    expect([is, Object.getPrototypeOf(is)]).to.deep.equal([was, Object.getPrototypeOf(was)])
  })
})

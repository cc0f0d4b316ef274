// `varyBy` in the key: anything else the answer depends on; what it cannot tell apart never meets the cache.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { foreign } from '../foreign.ts'
import { type Asked, overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'
import { expectApart, expectShared, type Sent } from './pairs.ts'

const user = (name: string): Sent => ({ path: '/page', headers: { 'X-User': name } })

class ObjectId {
  readonly #id: string
  constructor(id: string) {
    this.#id = id
  }
  toString(): string {
    return this.#id
  }
}

overFrameworks('the key of `varyBy`', (harness) => {
  const start = starting(harness)
  const app = (varyBy: (name: string, asked: Asked) => unknown) =>
    start((app) => {
      let runs = 0
      app.read('/page', ({ headers }) => ({ body: `${headers['x-user']} ${++runs}` }), '1m', {
        varyBy: (asked) => varyBy(String(asked.headers['x-user']), asked),
      })
    })

  const apart: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'by type': { a: '1', b: 1, c: true, d: '', e: 0, f: false, g: null, h: undefined, i: 1n, j: -1 },
    'by depth': {
      a: ['x', 'y'],
      b: [['x', 'y']],
      c: [['x'], 'y'],
      d: ['x', ['y']],
      e: [[], 'x', 'y'],
      f: { x: { y: 1, z: 1 } },
      g: { x: { y: 1 }, z: 1 },
    },
    'by structure': { a: ['x', 'y'], b: ['y', 'x'], c: ['xy'], d: [['x'], 'y'], e: { x: 'y' }, f: [], g: {} },
    'by content of collections': {
      a: new Map([['x', 1]]),
      b: new Map([['x', 2]]),
      c: new Set(['x']),
      d: new Set(['y']),
    },
    'by instant and by bytes': { a: new Date(1), b: new Date(2), c: Buffer.from('x'), d: Buffer.from('y') },
    // T42
    'by own properties with the names of prototypes': {
      a: JSON.parse('{"__proto__": 1}'),
      b: JSON.parse('{"__proto__": 2}'),
      c: { constructor: 1 },
      d: {},
      e: '__proto__',
    },
  }
  for (const [title, values] of Object.entries(apart)) {
    it(`tells values apart ${title}, at once and promised`, async () => {
      await expectApart(await app((name) => values[name]), Object.keys(values).map(user))
      await expectApart(await app(async (name) => values[name]), Object.keys(values).map(user))
      await expectApart(await app((name) => foreign(values[name])), Object.keys(values).map(user))
    })
  }

  it('takes equal values as one: order of properties, identity and promises do not matter', async () => {
    const values: Record<string, unknown> = {
      a: { id: 1, roles: ['x'] },
      b: { roles: ['x'], id: 1 },
      c: Promise.resolve({ id: 1, roles: ['x'] }),
    }
    await expectShared(await app((name) => values[name]), Object.keys(values).map(user))
  })

  const refused: Readonly<Record<string, () => unknown>> = {
    throws: () => {
      throw new Error('no session')
    },
    rejects: () => Promise.reject(new Error('no session')),
    'rejects later': async () => {
      await new Promise(setImmediate)
      throw new Error('no session')
    },
    'rejects in its own way': () => foreign(new Error('no session')),
    'returns an instance of a class': () => new ObjectId('1'),
    'promises an instance of a class': async () => ({ user: new ObjectId('1') }),
    'returns a function': () => () => 'user',
    'returns a symbol': () => Symbol('user'),
    'returns a circle': () => {
      const circle: unknown[] = []
      circle.push(circle)
      return circle
    },
    'returns what cannot be read': () =>
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('revoked')
          },
        },
      ),
  }
  for (const [title, varyBy] of Object.entries(refused)) {
    // T75
    it(`lets each request run without the cache where it ${title}, and says so`, async () => {
      const running = await app(varyBy)
      for (const name of ['a', 'b', 'a']) {
        const { status, text, headers } = await get(running.port, '/page', { 'X-User': name })
        expect(status).to.equal(200)
        expect(text).to.match(new RegExp(`^${name} `))
        expect(headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=vary-by-failed')
      }
      expect(outcomes(running)).to.deep.equal(['bypass', 'bypass', 'bypass'])
      const failures = eventsOf(running, 'function-failed')
      expect(failures).to.have.length(3)
      for (const { route, function: name, error } of failures) {
        expect({ route, name }).to.deep.equal({ route: '/page', name: 'varyBy' })
        expect(error).to.be.an.instanceOf(Error)
      }
      expect(running.cache.stats().tiers.l1?.entries).to.equal(0)
    })
  }

  it('names what to return instead of an instance of a class', async () => {
    const running = await app(() => new ObjectId('1'))
    await get(running.port, '/page')
    expect(String(eventsOf(running, 'function-failed')[0]?.error)).to.equal(
      'TypeError: What `varyBy` returns must be plain data that can be told apart by hashing, ' +
        'got an instance of ObjectId. Give a string or a number instead',
    )
  })

  it('is called once per request, with the request', async () => {
    const seen: string[] = []
    const running = await app((_name, { url, method }) => void seen.push(`${method} ${url}`))
    await get(running.port, '/page?a=1')
    await get(running.port, '/page?a=1')
    expect(seen).to.deep.equal(['GET /page?a=1', 'GET /page?a=1'])
    expect(outcomes(running)).to.deep.equal(['miss', 'hit'])
  })
})

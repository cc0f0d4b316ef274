// What may be stored is stored, shared with those who wait, and called stored.
import { expect } from 'chai'
import { useFakeTimers } from 'sinon'
import { get, type SendOptions, send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'

interface Kind {
  readonly title: string
  readonly reply?: Reply
  readonly options?: ReadOptions
  readonly request?: SendOptions
  /** Seconds that the entry lives. */
  readonly life?: number
  /** The answer says that there is nothing. */
  readonly negative?: true
}

const withCacheControl = (value: string): Kind => ({
  title: `Cache-Control ${JSON.stringify(value)}`,
  reply: { headers: { 'Cache-Control': value } },
})

const kinds: readonly Kind[] = [
  { title: 'an answer without a word about caching' },
  // T28
  ...[200, 203, 204].map((status) => ({ title: `status ${status}`, reply: { status } })),
  ...[301, 308].map((status) => ({ title: `status ${status}`, reply: { status, headers: { Location: '/new' } } })),
  { title: '404 with negativeTtl', reply: { status: 404 }, options: { negativeTtl: true }, life: 60, negative: true },
  {
    title: '410 with a negativeTtl',
    reply: { status: 410 },
    options: { negativeTtl: '50s' },
    life: 50,
    negative: true,
  },
  { title: '200 beside a negativeTtl', options: { negativeTtl: '5s' } },
  { title: '200 that is not negative', options: { negativeTtl: { ttl: '5s', when: () => false } } },
  {
    title: '200 that is negative',
    options: { negativeTtl: { ttl: '50s', when: () => true } },
    life: 50,
    negative: true,
  },
  // T32: words are read whole, and a directive for shared caches goes before one for all
  withCacheControl('max-age=0, s-maxage=600'),
  withCacheControl('public'),
  withCacheControl('PUBLIC, Max-Age=600, must-revalidate'),
  withCacheControl('x-private, no-store-please, private-ish=1'),
  withCacheControl('note="private, no-store"'),
  // T33
  {
    title: 'a Vary that names what the key covers',
    reply: { headers: { Vary: ['ACCEPT-language', 'x-tenant,x-tenant'] } },
    options: { vary: ['X-Tenant', 'Accept-Language'] },
  },
  {
    title: 'a Vary that names what the key does not cover',
    reply: { headers: { Vary: 'Accept-Language, User-Agent' } },
  },
  {
    title: 'a Vary of which one line is covered and another is not',
    reply: { headers: { Vary: ['Accept-Language', 'X-Tenant'] } },
    options: { vary: ['Accept-Language'] },
  },
  {
    title: 'a coding that Vary names',
    reply: { headers: { 'Content-Encoding': 'br', Vary: 'accept-encoding' } },
  },
  { title: 'an empty Vary', reply: { headers: { Vary: '' } } },
  // T38
  {
    title: 'a coding that the key covers',
    reply: { headers: { 'Content-Encoding': 'br', Vary: 'Accept-Encoding' } },
    options: { vary: ['accept-encoding'] },
  },
  // T30
  { title: 'an answer to a request with a cookie', request: { headers: { Cookie: 'sid=1' } } },
  {
    title: 'an answer to a request with Authorization where the key covers it',
    request: { headers: { Authorization: 'Bearer 1' } },
    options: { vary: ['Authorization'] },
  },
  {
    title: 'an answer to a request with Authorization on a public route',
    request: { headers: { Authorization: 'Bearer 1' } },
    options: { public: true },
  },
  // T35
  {
    title: 'an Expires that Cache-Control overrides',
    reply: { headers: { Expires: '0', Pragma: 'no-cache', 'Cache-Control': 'max-age=600' } },
  },
  { title: 'an Expires to come', reply: { headers: { Expires: new Date(Date.now() + 600_000).toUTCString() } } },
  // The user's own condition, and the cap
  { title: 'storable: yes', options: { storable: ({ status }) => status === 200 } },
  { title: 'storable: yes, later', options: { storable: async () => true } },
  { title: 'a body exactly at the cap', options: { maxBodyBytes: 3 } },
]

overFrameworks('an answer that may be stored', (harness) => {
  const start = starting(harness)

  for (const { title, reply = {}, options, request, life = 600, negative } of kinds) {
    it(`is stored, and shared with who waits: ${title}`, async () => {
      const gates = new Gates()
      const arrivals = new Arrivals()
      const app = await start((app) => {
        app.read(
          '/page',
          async () => {
            const run = await gates.wait()
            const body = reply.status === 204 ? {} : { body: 'run' }
            return { ...reply, ...body, headers: { ...reply.headers, 'X-Run': String(run) } }
          },
          '10m',
          { ...options, tags: arrivals.tags },
        )
      })
      const answers = await crowd(app.port, '/page', 2, arrivals, request)
      gates.open()
      const all = [...(await Promise.all(answers)), await send(app.port, '/page', request)]
      expect(all.map(({ headers }) => headers['x-run'])).to.deep.equal(['1', '1', '1', '1'])
      expect(all.map(({ status }) => status)).to.deep.equal(Array(4).fill(reply.status ?? 200))
      expect(all.map(({ text }) => text)).to.deep.equal(Array(4).fill(reply.status === 204 ? '' : 'run'))
      expect(outcomes(app)).to.have.members(['miss', 'collapsed', 'collapsed', 'hit'])
      const late = options?.storable?.({ status: 200, headers: [] }) instanceof Promise
      const statuses = all.map(({ headers }) => String(headers['cache-status']))
      const detail = negative === true ? '; detail=negative' : ''
      const [, ttl, remark] = /^tiercache-l1; hit; ttl=(\d+)(.*)$/.exec(statuses.pop()!) ?? []
      expect(Number(ttl)).to.be.within(life - 30, life - 1)
      expect(remark).to.equal(detail)
      expect(statuses).to.deep.equal([
        late ? 'tiercache-l1; fwd=miss' : 'tiercache-l1; fwd=miss; stored',
        `tiercache-l1; fwd=miss; collapsed${detail}`,
        `tiercache-l1; fwd=miss; collapsed${detail}`,
      ])
    })
  }

  // T30
  it('is not given to the bearer of another Authorization, where the key covers it', async () => {
    const app = await start((app) => {
      app.read('/me', ({ headers }) => ({ body: String(headers.authorization) }), '1m', { vary: ['Authorization'] })
    })
    for (const bearer of ['Bearer 1', 'Bearer 2', 'Bearer 1', undefined]) {
      const { text } = await get(app.port, '/me', bearer === undefined ? {} : { Authorization: bearer })
      expect(text).to.equal(String(bearer))
    }
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'miss'])
  })

  // T28
  it('lives as long as its status allows: what is not there is asked for again after `negativeTtl`', async () => {
    const time = useFakeTimers({ toFake: ['performance'] })
    try {
      const app = await start((app) => {
        const missing = new Set(['/items/404'])
        app.read('/items/:id', ({ url }) => ({ status: missing.has(url) ? 404 : 200, body: 'item' }), '10m', {
          negativeTtl: '50s',
        })
      })
      const ask = async () => {
        for (const id of [200, 404]) await get(app.port, `/items/${id}`)
      }
      await ask()
      time.tick(49_999)
      await ask()
      time.tick(1)
      await ask()
      time.tick(600_000 - 50_000)
      await ask()
      expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'hit', 'hit', 'miss', 'miss', 'miss'])
    } finally {
      time.restore()
    }
  })
})

// What must not be stored must not be given to anyone else either, nor be called stored: one predicate for all three.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

interface Kind {
  readonly title: string
  readonly reply: Reply
  /** What `Cache-Status` and the `run` event call it. */
  readonly reason: string
  readonly options?: ReadOptions
}

const withCacheControl = (value: string | readonly string[], reason: string): Kind => ({
  title: `Cache-Control ${JSON.stringify(value)}`,
  reply: { headers: { 'Cache-Control': value } },
  reason,
})

const withVary = (value: string | readonly string[], reason: string): Kind => ({
  title: `Vary ${JSON.stringify(value)}`,
  reply: { headers: { Vary: value } },
  reason,
})

const withStatus = (status: number, headers: Reply['headers'] = {}): Kind => ({
  title: `status ${status}`,
  reply: { status, headers },
  reason: `status-${status}`,
})

const kinds: readonly Kind[] = [
  // T31
  { title: 'a cookie', reply: { headers: { 'Set-Cookie': 'sid=1' } }, reason: 'set-cookie' },
  { title: 'two cookies', reply: { headers: { 'set-cookie': ['a=1', 'b=2'] } }, reason: 'set-cookie' },
  // T32
  withCacheControl('no-store', 'no-store'),
  withCacheControl('private', 'private'),
  withCacheControl('no-cache', 'no-cache'),
  withCacheControl('max-age=0', 'max-age-0'),
  withCacheControl('max-age=600, s-maxage=0', 's-maxage-0'),
  withCacheControl('private="X-User"', 'private'),
  withCacheControl('no-cache="set-cookie, x-user"', 'no-cache'),
  withCacheControl('private=', 'private'),
  withCacheControl('private=X, max-age=600', 'private'),
  withCacheControl('private="X-User', 'private'),
  withCacheControl('x="never closed, no-store', 'no-store'),
  withCacheControl('PuBLiC ,   No-StoRe', 'no-store'),
  withCacheControl('public, max-age=600, no-store', 'no-store'),
  withCacheControl('max-age=600, max-age=0', 'max-age-0'),
  withCacheControl('max-age=soon', 'max-age-0'),
  withCacheControl('max-age="0"', 'max-age-0'),
  withCacheControl(['max-age=600', 'private'], 'private'),
  // T33
  withVary('*', 'vary-any'),
  withVary('Accept-Language, *', 'vary-any'),
  withVary(['Accept-Encoding', '*'], 'vary-any'),
  {
    ...withVary(['Accept-Language', '*'], 'vary-any'),
    title: 'a Vary on anything, of which the names are covered',
    options: { vary: ['Accept-Language'] },
  },
  // T28
  ...[201, 202, 205, 300, 400, 401, 403, 404, 405, 407, 410, 418, 429, 451].map((status) => withStatus(status)),
  ...[500, 501, 502, 503, 504].map((status) => withStatus(status)),
  ...[302, 303, 307].map((status) => withStatus(status, { Location: '/login?next=%2Fpage' })),
  withStatus(206, { 'Content-Range': 'bytes 0-0/3' }),
  withStatus(304),
  { title: 'a Content-Range', reply: { headers: { 'Content-Range': 'bytes 0-2/3' } }, reason: 'content-range' },
  // T15
  { title: 'a body over the cap', reply: {}, reason: 'too-large', options: { maxBodyBytes: 2 } },
  { title: 'an event stream', reply: { headers: { 'Content-Type': 'text/event-stream' } }, reason: 'event-stream' },
  // T35
  { title: 'Pragma: no-cache', reply: { headers: { Pragma: 'no-cache' } }, reason: 'expires' },
  { title: 'Expires: 0', reply: { headers: { Expires: '0' } }, reason: 'expires' },
  {
    title: 'an Expires in the past',
    reply: { headers: { Expires: 'Thu, 01 Jan 1970 00:00:00 GMT' } },
    reason: 'expires',
  },
  // T38
  { title: 'a coding without Vary', reply: { headers: { 'Content-Encoding': 'br' } }, reason: 'content-encoding' },
  // The user's own condition
  { title: 'storable: no', reply: {}, reason: 'storable', options: { storable: () => false } },
  { title: 'storable: no, later', reply: {}, reason: 'storable', options: { storable: async () => false } },
]

overFrameworks('an answer that must not be stored', (harness) => {
  const start = starting(harness)

  for (const { title, reply, reason, options } of kinds) {
    // T36
    it(`is neither stored, nor shared with who waits, nor called stored: ${title}`, async () => {
      const gates = new Gates()
      const arrivals = new Arrivals()
      const app = await start((app) => {
        app.read(
          '/page',
          async () => {
            const run = await gates.wait()
            return { ...reply, headers: { ...reply.headers, 'X-Run': String(run) }, body: `run` }
          },
          '1m',
          { ...options, tags: arrivals.tags },
        )
      })
      const answers = await crowd(app.port, '/page', 2, arrivals)
      expect(gates.begun).to.equal(1)
      gates.open()
      await gates.reach(3)
      gates.open()
      const runs = (await Promise.all(answers)).map(({ headers }) => headers['x-run'])
      expect(runs).to.have.members(['1', '2', '3'])

      const later = get(app.port, '/page')
      await gates.reach(4)
      gates.open()
      const { headers } = await later
      expect(headers['x-run']).to.equal('4')
      expect(headers['cache-status']).to.match(/^tiercache-l1; fwd=miss(; detail=\S+)?$/)
      expect(headers).to.not.have.any.keys('age')
      expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'miss'])
      const told = eventsOf(app, 'run').map(({ stored, reason }) => ({ stored, reason }))
      expect(told).to.deep.equal(Array(4).fill({ stored: false, reason }))
    })
  }
})

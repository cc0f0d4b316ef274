// Conditions on what is stored, in memory and in Redis: what a 304 is given for, what it says, and what is left to the handler.
import { expect } from 'chai'
import fc from 'fast-check'
import { get, send } from '../support/http-client.ts'
import { value, values } from '../support/wire.ts'
import { overFrameworks } from './middleware.ts'
import { overShelves } from './shelves.ts'
import { eventsOf, outcomes, starting } from './starting.ts'

const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'
const dated = { 'Content-Type': 'text/plain', 'Last-Modified': MODIFIED }
const tagged = { ...dated, ETag: '"v1"' }

overShelves('a condition on what is stored', (shelf) => {
  let made = 0
  const fresh = () => `thing-${++made}`
  const statusOf = async (id: string, headers: Record<string, string | string[]>, method?: string) => {
    const answer = await shelf.ask(id, headers, method)
    expect(answer.body.toString()).to.equal(answer.status === 304 || method === 'HEAD' ? '' : 'body')
    expect(answer.whole).to.equal(true)
    return answer.status
  }

  // T80
  it('is met with the fields that a cache needs, none that describe a body, and no phrase of another status', async () => {
    const kept = {
      ETag: 'W/"v1"',
      'Last-Modified': MODIFIED,
      'Cache-Control': 'public, max-age=60',
      Expires: 'Wed, 21 Oct 2115 07:28:00 GMT',
      Vary: 'Accept-Language',
      'Content-Location': '/things/other',
    }
    const dropped = { 'Content-Type': 'text/plain', 'Content-Language': 'en', 'Content-Disposition': 'inline' }
    const id = fresh()
    await shelf.store(id, { headers: { ...kept, ...dropped }, body: Buffer.from('body') })
    await shelf.ask(id)
    for (const method of ['GET', 'HEAD']) {
      const answer = await shelf.ask(id, { 'If-None-Match': '"v1"' }, method)
      expect([answer.status, answer.phrase, answer.body.length]).to.deep.equal([304, 'Not Modified', 0])
      for (const [name, text] of Object.entries(kept)) expect(value(answer, name), name).to.equal(text)
      const names = [...Object.keys(dropped), 'Content-Length', 'Transfer-Encoding', 'Content-Range', 'Accept-Ranges']
      for (const name of names) expect(values(answer, name), name).to.deep.equal([])
      expect(Date.parse(value(answer, 'date') ?? '')).not.to.be.NaN
      expect(value(answer, 'age')).to.match(/^\d+$/)
      expect(value(answer, 'cache-status')).to.contain('; hit; ttl=')
    }
    expect(shelf.runs).to.equal(0)
  })

  // T80
  const byTag: Record<string, [status: 200 | 304, headers: Record<string, string | string[]>]> = {
    'the tag': [304, { 'If-None-Match': '"v1"' }],
    'its weak form': [304, { 'If-None-Match': 'W/"v1"' }],
    'any tag': [304, { 'If-None-Match': '*' }],
    'a list over several lines': [304, { 'If-None-Match': ['"v0"', ', W/"v1"'] }],
    'a long list': [304, { 'If-None-Match': `${'"other", '.repeat(1_000)}"v1"` }],
    'a long list of others': [200, { 'If-None-Match': `${'"other", '.repeat(1_000)}"v2"` }],
    'the tag and a wrong date': [304, { 'If-None-Match': '"v1"', 'If-Modified-Since': 'never' }],
    'another tag and a date that is met': [200, { 'If-None-Match': '"v2"', 'If-Modified-Since': MODIFIED }],
    'no tag at all and a date that is met': [200, { 'If-None-Match': '', 'If-Modified-Since': MODIFIED }],
    'only commas and a date that is met': [200, { 'If-None-Match': ', ,', 'If-Modified-Since': MODIFIED }],
    'a malformed tag and a date that is met': [200, { 'If-None-Match': '"v1', 'If-Modified-Since': MODIFIED }],
    'the tag without its quotes': [200, { 'If-None-Match': 'v1' }],
    'the tag in other quotes': [200, { 'If-None-Match': "'v1'" }],
    'the tag in two pairs of quotes': [200, { 'If-None-Match': '""v1""' }],
    'a small w': [200, { 'If-None-Match': 'w/"v1"' }],
    'a blank before the tag of a weak one': [200, { 'If-None-Match': 'W/ "v1"' }],
    'a star in quotes': [200, { 'If-None-Match': '"*"' }],
    'a star in a list': [200, { 'If-None-Match': '"v0", *' }],
    'the tag inside another': [200, { 'If-None-Match': '"x"v1"x"' }],
  }
  for (const [what, [status, headers]] of Object.entries(byTag)) {
    it(`by ${what} gets ${status}`, async () => {
      const id = fresh()
      await shelf.store(id, { headers: tagged, body: 'body' })
      expect(await statusOf(id, headers)).to.equal(status)
      expect(await statusOf(id, headers, 'HEAD')).to.equal(status)
      expect(shelf.runs).to.equal(0)
    })
  }

  it('by a list with commas inside tags finds the tag, and no half of one', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { ...tagged, ETag: '"a,b"' }, body: 'body' })
    expect(await statusOf(id, { 'If-None-Match': '"x", "a,b"' })).to.equal(304)
    expect(await statusOf(id, { 'If-None-Match': '"a", "b"' })).to.equal(200)
    const half = fresh()
    await shelf.store(half, { headers: { ...tagged, ETag: '"b"' }, body: 'body' })
    expect(await statusOf(half, { 'If-None-Match': '"a,b"' })).to.equal(200)
  })

  // RFC 9110 §13.1.3
  const byDate: Record<string, [status: 200 | 304, since: string | string[]]> = {
    'the date': [304, MODIFIED],
    'a later one': [304, 'Thu, 22 Oct 2015 07:28:00 GMT'],
    'one in the future': [304, 'Wed, 21 Oct 2115 07:28:00 GMT'],
    'an earlier one': [200, 'Wed, 21 Oct 2015 07:27:59 GMT'],
    'one as RFC 850 wrote it': [304, 'Wednesday, 21-Oct-15 07:28:00 GMT'],
    'one as asctime wrote it': [304, 'Wed Oct 21 07:28:00 2015'],
    'two lines, the first of which counts': [304, [MODIFIED, 'Wed, 21 Oct 2015 07:27:59 GMT']],
    nothing: [200, ''],
    'a day that is none': [200, 'Wed, 32 Oct 2015 07:28:00 GMT'],
    'an hour that is none': [200, 'Wed, 21 Oct 2015 25:28:00 GMT'],
    'another zone': [200, 'Wed, 21 Oct 2015 07:28:00 EST'],
    'no zone': [200, 'Wed, 21 Oct 2015 07:28:00'],
    'another standard': [200, '2030-10-21T07:28:00Z'],
    'a number': [200, '99999999999'],
    'a word': [200, 'tomorrow'],
    'more than a date': [200, `${MODIFIED}; length=4`],
  }
  for (const [what, [status, since]] of Object.entries(byDate)) {
    it(`by ${what} as a date gets ${status}`, async () => {
      const id = fresh()
      await shelf.store(id, { headers: dated, body: Buffer.from('body') })
      expect(await statusOf(id, { 'If-Modified-Since': since })).to.equal(status)
      expect(shelf.runs).to.equal(0)
    })
  }

  it('by a date gets 200 where the stored date is none', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { ...dated, 'Last-Modified': 'yesterday' }, body: Buffer.from('body') })
    expect(await statusOf(id, { 'If-Modified-Since': MODIFIED })).to.equal(200)
    expect(await statusOf(id, { 'If-Modified-Since': 'yesterday' })).to.equal(200)
  })

  it('gets 304 only for a tag in the list or a star, whatever the client sends, and the whole else', async () => {
    const id = fresh()
    await shelf.store(id, { headers: tagged, body: 'body' })
    const tag = fc.constantFrom(
      '"v1"',
      'W/"v1"',
      '"v2"',
      'v1',
      '"v1',
      'v1"',
      '*',
      '"a,',
      '',
      '\\"v1\\"',
      'w/"v1"',
      '""',
    )
    const list = fc
      .array(tag, { maxLength: 5 })
      .chain((tags) => fc.constantFrom(', ', ',', ' , ').map((by) => tags.join(by)))
    const any = fc.oneof(
      list,
      list,
      fc.string({ unit: fc.constantFrom('"', 'v', '1', 'W', '/', ',', ' ', '*'), maxLength: 12 }),
    )
    await fc.assert(
      fc.asyncProperty(any, async (text) => {
        const status = await statusOf(id, { 'If-None-Match': text })
        const listed = text.split(',').map((member) => member.trim().replace(/^W\//, ''))
        if (status === 304) expect(listed.includes('"v1"') || text.trim() === '*').to.equal(true)
        else expect(status).to.equal(200)
        const wellFormed = listed.every((member) => /^(?:"[^"]*")?$/.test(member))
        if (wellFormed && listed.includes('"v1"')) expect(status).to.equal(304)
      }),
      { numRuns: 200 },
    )
    expect(shelf.runs).to.equal(0)
  })
})

overFrameworks('a condition that only the handler can judge', (harness) => {
  const start = starting(harness)
  const conditions: Record<string, Record<string, string>> = {
    'If-Match': { 'If-Match': '"v1"' },
    'If-Match with any': { 'If-Match': '*' },
    'an empty If-Match': { 'If-Match': '' },
    'If-Unmodified-Since': { 'If-Unmodified-Since': MODIFIED },
    'a malformed If-Unmodified-Since': { 'If-Unmodified-Since': 'never' },
    'If-Match with what asks for a 304': { 'If-Match': '"v0"', 'If-None-Match': '"v1"' },
  }
  for (const [what, headers] of Object.entries(conditions)) {
    it(`goes around the cache with all it says, and its 412 is stored for nobody: ${what}`, async () => {
      const seen: unknown[] = []
      const app = await start((app) => {
        app.read('/page', (asked) => {
          const names = ['if-match', 'if-unmodified-since', 'if-none-match']
          const said = names.flatMap((name) => (asked.headers[name] === undefined ? [] : [[name, asked.headers[name]]]))
          seen.push(Object.fromEntries(said))
          return said.length === 0 ? { headers: tagged, body: 'body' } : { status: 412, body: 'no' }
        })
      })
      await get(app.port, '/page')
      const answer = await get(app.port, '/page', headers)
      expect([answer.status, answer.text]).to.deep.equal([412, 'no'])
      expect(answer.headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=precondition')
      expect((await get(app.port, '/page')).text).to.equal('body')
      const lower = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]))
      expect(seen).to.deep.equal([{}, lower])
      expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'hit'])
    })
  }

  // RFC 9110 §13.1.2: for other methods it is a 412, not a 304
  it('is any condition on another method', async () => {
    const app = await start((app) => {
      app.read('/page', ({ headers }) => ({ headers: tagged, body: `${headers['if-none-match']}` }), '1m', {
        method: 'post',
        methods: ['POST'],
        body: true,
      })
    })
    const ask = (headers = {}) =>
      send(app.port, '/page', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Content-Length': '2', ...headers },
        body: '{}',
      })
    await ask()
    for (const headers of [{ 'If-None-Match': '"v1"' }, { 'If-None-Match': '*' }, { 'If-Modified-Since': MODIFIED }]) {
      expect((await ask(headers)).status).to.equal(200)
    }
    // A part of it is nothing that POST can ask for either.
    const whole = await ask({ Range: 'bytes=0-0' })
    expect([whole.status, whole.text]).to.deep.equal([200, 'undefined'])
    expect(eventsOf(app, 'request').map(({ outcome, reason }) => reason ?? outcome)).to.deep.equal([
      'miss',
      'precondition',
      'precondition',
      'precondition',
      'hit',
    ])
  })
})

overFrameworks('a cold cache', (harness) => {
  const start = starting(harness)

  // T81
  it('fills by clients that all send conditions, and answers each by its own', async () => {
    const seen: unknown[] = []
    const app = await start((app) => {
      app.read('/page', ({ headers }) => {
        seen.push(headers['if-none-match'], headers['if-modified-since'])
        return { headers: tagged, body: 'body' }
      })
    })
    const conditions: [headers: Record<string, string>, status: number][] = [
      [{ 'If-None-Match': '"v1"' }, 304],
      [{ 'If-None-Match': '"v0"' }, 200],
      [{ 'If-Modified-Since': MODIFIED }, 304],
      [{ 'If-None-Match': 'junk' }, 200],
    ]
    for (const [first, status] of conditions) {
      await app.cache.bump('/page')
      for (const [headers, expected] of [[first, status] as const, ...conditions]) {
        expect((await get(app.port, '/page', headers)).status).to.equal(expected)
      }
    }
    expect(outcomes(app).filter((outcome) => outcome === 'miss')).to.have.length(conditions.length)
    expect(seen.every((one) => one === undefined)).to.equal(true)
  })
})

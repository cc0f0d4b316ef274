// An answer that arrived encoded goes to nobody who may not be able to read it.
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Answer, get } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { type Asked, overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'
import { PAGE } from './coded.ts'

const fields = { 'Content-Type': 'text/plain', 'Cache-Control': 'max-age=60' }

/** What a compressing middleware between the cache and the handler makes of it. */
function negotiating({ headers }: Asked): Reply {
  const gzip = /\bgzip\b(?!;q=0)/.test(String(headers['accept-encoding'] ?? ''))
  if (!gzip) return { headers: { ...fields, Vary: 'Accept-Encoding' }, body: Buffer.from(PAGE) }
  return { headers: { ...fields, Vary: 'Accept-Encoding', 'Content-Encoding': 'gzip' }, body: gzipSync(PAGE) }
}

function read({ headers, body }: Answer): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
}

const readers = ['gzip', 'gzip, br', 'gzip;q=0', 'gzip;q=0;q=1', 'br', 'identity', '', undefined, '*;q=0']

async function expectReadable(port: number, accept: string | undefined): Promise<void> {
  const answer = await get(port, '/page', accept === undefined ? {} : { 'Accept-Encoding': accept })
  const coding = /^gzip(?!;q=0)/.test(accept ?? '') ? 'gzip' : undefined
  expect(answer.headers['content-encoding'], accept).to.equal(coding)
  expect(read(answer)).to.equal(PAGE)
  expect(answer.headers.vary).to.equal('Accept-Encoding')
}

const modes: readonly [mode: string, options: ReadOptions][] = [
  ['by default', {}],
  ["with `honour: 'headers'`", { honour: 'headers' }],
  ['with `compress`', { compress: true }],
  ['with `vary`', { vary: ['accept-encoding'] }],
]

// T38, T83
overFrameworks('an answer that arrives encoded', (harness) => {
  const start = starting(harness)

  for (const [mode, options] of modes) {
    it(`goes to those alone who asked for the same, ${mode}`, async () => {
      const app = await start((app) => app.read('/page', negotiating, '1m', options))
      for (const accept of [...readers, ...readers.toReversed()]) await expectReadable(app.port, accept)
      expect(outcomes(app).filter((outcome) => outcome === 'hit').length).to.be.at.least(readers.length)
    })

    // Where `vary` names the header, the key says by what it was chosen.
    const isRefused = options.vary === undefined && options.honour === undefined
    const codings = isRefused ? ['gzip', 'br', 'unheard-of', 'gzip, unheard-of', 'GZIP'] : []
    for (const coding of codings) {
      it(`is kept for nobody where it does not say by what it was chosen: ${coding}, ${mode}`, async () => {
        const reply = { headers: { ...fields, 'Content-Encoding': coding }, body: gzipSync(PAGE) }
        const app = await start((app) => app.read('/page', () => reply, '1m', options))
        for (let i = 0; i < 2; i++) await get(app.port, '/page', { 'Accept-Encoding': 'gzip' })
        expect(eventsOf(app, 'run').map(({ stored, reason }) => [stored, reason])).to.deep.equal([
          [false, 'content-encoding'],
          [false, 'content-encoding'],
        ])
      })
    }
  }

  it("is kept by its own fields, with `honour: 'headers'`, and goes to those alone who accept its coding", async () => {
    const reply = {
      headers: { ...fields, 'Cache-Control': 'max-age=60', 'Content-Encoding': 'gzip' },
      body: gzipSync(PAGE),
    }
    const app = await start((app) => app.read('/page', () => reply, '1m', { honour: 'headers' }))
    const asked = [
      { 'Accept-Encoding': 'gzip' },
      { 'Accept-Encoding': 'br, gzip;q=0.5' },
      { 'Accept-Encoding': 'br' },
      {},
    ]
    for (const headers of asked) await get(app.port, '/page', headers)
    expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'miss', 'miss'])
  })

  it('goes to no follower of a run that asked for something else', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const handler = async (asked: Asked) => {
      await gates.wait()
      return negotiating(asked)
    }
    const app = await start((app) => app.read('/page', handler, '1m', { tags: arrivals.tags }))
    const [leader] = await crowd(app.port, '/page', 0, arrivals, { headers: { 'Accept-Encoding': 'gzip' } })
    const other = get(app.port, '/page', { 'Accept-Encoding': 'identity' })
    await arrivals.reach(2)
    const same = get(app.port, '/page', { 'Accept-Encoding': 'gzip' })
    await arrivals.reach(3)
    gates.open(1)
    await gates.reach(2)
    gates.open()
    const answers = await Promise.all([leader!, other, same])
    expect(answers.map(({ headers }) => headers['content-encoding'])).to.deep.equal(['gzip', undefined, 'gzip'])
    expect(answers.map(read)).to.deep.equal([PAGE, PAGE, PAGE])
  })

  it('is never decoded: neither what breaks a decoder nor what blows one up is looked at', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const bodies = { broken: Buffer.from('no gzip at all'), cut: gzipSync(PAGE).subarray(0, 20), bomb }
    const app = await start((app) => {
      for (const [name, body] of Object.entries(bodies)) {
        const headers = { ...fields, Vary: 'Accept-Encoding', 'Content-Encoding': 'gzip' }
        app.read(`/${name}`, () => ({ headers, body }), '1m', { compress: true })
      }
    })
    for (const [name, body] of Object.entries(bodies)) {
      for (const outcome of ['miss', 'hit', 'hit']) {
        const answer = await get(app.port, `/${name}`, { 'Accept-Encoding': 'gzip, br' })
        expect([answer.headers['content-encoding'], answer.body.equals(body)]).to.deep.equal(['gzip', true])
        expect(outcomes(app).at(-1)).to.equal(outcome)
      }
    }
    expect(app.cache.stats().tiers.l1!.bytes).to.be.lessThan(100_000)
  })
})

// The flag in a parsed body: where the route covers bodies, and only there.
import { expect } from 'chai'
import { type SendOptions, send } from '../../support/http-client.ts'
import { expectApart, expectShared, sendAll } from '../key/pairs.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const json = (value: unknown): SendOptions & { path: string } => {
  const body = JSON.stringify(value)
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  return { path: '/search', method: 'POST', headers, body }
}

overFrameworks('the flag is_not_cache in a body', (harness) => {
  const start = starting(harness)
  const counting = (body: boolean) =>
    start((app) => {
      let runs = 0
      app.read('/search', () => ({ body: `run ${++runs}` }), '1m', { method: 'post', methods: ['POST'], body })
    })

  // T37
  it('goes around the cache with 1 and true, as number, boolean or text', async () => {
    const app = await counting(true)
    const { path, ...plain } = json({ a: 1 })
    await send(app.port, path, plain)
    for (const value of [1, '1', true, 'true']) {
      const { path, ...flagged } = json({ a: 1, is_not_cache: value })
      const { headers } = await send(app.port, path, flagged)
      expect(headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=is_not_cache')
    }
    expect((await send(app.port, path, plain)).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'bypass', 'bypass', 'bypass', 'hit'])
  })

  // T37
  it('is as if it were not there with a plain no', async () => {
    await expectShared(await counting(true), [
      json({ a: 1, is_not_cache: 0 }),
      json({ a: 1 }),
      ...['0', false, 'false', ''].map((value) => json({ a: 1, is_not_cache: value })),
    ])
  })

  // T37
  it('is no bypass with any other value: it reads what is stored, and leaves nothing of its own for others', async () => {
    const app = await counting(true)
    const odd = [null, 2, 'yes', [1], { is_not_cache: 1 }].map((value) => json({ a: 1, is_not_cache: value }))
    const answers = await sendAll(app, [...odd, json({ a: 1 }), ...odd])
    expect(outcomes(app)).to.deep.equal([...odd.map(() => 'miss'), 'miss', ...odd.map(() => 'hit')])
    const plain = answers[odd.length]!.text
    expect(plain).to.equal(`run ${odd.length + 1}`)
    expect(new Set(answers.slice(odd.length).map(({ text }) => text))).to.deep.equal(new Set([plain]))
  })

  it('is meant at the top of the body alone', async () => {
    await expectApart(await counting(true), [
      json({ a: {} }),
      json({ a: { is_not_cache: 1 } }),
      json([{ is_not_cache: 1 }]),
      json(['is_not_cache']),
    ])
  })

  it('counts in the query as well', async () => {
    const app = await counting(true)
    const { path, ...plain } = json({ a: 1 })
    await send(app.port, `${path}?is_not_cache=1`, plain)
    expect(eventsOf(app, 'request').map(({ reason }) => reason)).to.deep.equal(['is_not_cache'])
  })

  it('says nothing where the route does not cover bodies', async () => {
    const app = await counting(false)
    const { path, ...flagged } = json({ is_not_cache: 1 })
    await send(app.port, path, flagged)
    expect(eventsOf(app, 'request').map(({ reason }) => reason)).to.deep.equal(['body'])
  })
})

// koa-session: each client has a session of its own, and no cookie of one ever reaches another.
import { expect } from 'chai'
import type Koa from 'koa'
import session from 'koa-session'
import { ask, values, type WireAnswer } from '../support/wire.ts'
import { pairs } from './pair.ts'
import { expectUnseen, refusals } from './same.ts'

const countVisits: Koa.Middleware = async (ctx, next) => {
  const visited = ctx.session as { visits?: number }
  visited.visits = (visited.visits ?? 0) + 1
  await next()
}

const make = (app: Koa): Koa.Middleware[] => {
  app.keys = ['secret']
  return [session({ rolling: true }, app) as Koa.Middleware, countVisits]
}

const tell = (app: Koa) =>
  void app.use((ctx) => {
    ctx.body = { page: true }
  })

const cookies = (answer: WireAnswer) => values(answer, 'set-cookie').map((line) => line.split(';')[0]!)
const visits = (answer: WireAnswer): number => {
  const text = cookies(answer)
    .find((one) => one.startsWith('koa.sess='))!
    .slice('koa.sess='.length)
  return JSON.parse(Buffer.from(text, 'base64').toString()).visits
}

// T31
describe('koa-session before us', () => {
  const start = pairs()

  it('gives each client its own cookie with the one stored answer, and goes on counting', async () => {
    const twin = await start.koa('before us', make, tell)
    const { warm } = await expectUnseen(twin, [{ path: '/' }, { path: '/' }], { fields: ['set-cookie'] })
    expect(warm).to.deep.equal(['hit', 'hit'])
    const counts = []
    let jar: string[] = []
    for (let i = 0; i < 3; i++) {
      const answer = await ask(twin.cached, { path: '/', headers: { Cookie: jar.join('; ') } })
      jar = cookies(answer)
      counts.push(visits(answer))
      expect(visits(await ask(twin.cached, { path: '/' }))).to.equal(1)
    }
    expect(counts).to.deep.equal([1, 2, 3])
    expect(twin.events.filter(({ type }) => type === 'run')).to.have.length(1)
  })
})

describe('koa-session behind us', () => {
  const start = pairs()

  it('keeps every answer that brings a cookie out of the cache', async () => {
    const twin = await start.koa('behind us', make, tell)
    const { warm } = await expectUnseen(twin, [{ path: '/' }, { path: '/' }], { fields: ['set-cookie'] })
    expect(warm).to.deep.equal(['miss', 'miss'])
    const jar = cookies(await ask(twin.cached, { path: '/' }))
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        return ask(twin.cached, { path: '/', headers: i % 2 === 0 ? {} : { Cookie: jar.join('; ') } })
      }),
    )
    expect(answers.map(visits)).to.deep.equal(answers.map((_, i) => (i % 2) + 1))
    expect(refusals(twin)).to.deep.equal(Array(25).fill('set-cookie'))
  })
})

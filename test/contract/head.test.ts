// HEAD: answered from what GET stored, and never the one that fills.

import { Readable } from 'node:stream'
import { expect } from 'chai'
import { deferred, eventually } from '../support/gate.ts'
import { ask, value, values } from '../support/wire.ts'
import { type Asked, overFrameworks, type Reply, type Running } from './middleware.ts'

overFrameworks('HEAD', (harness) => {
  let app: Running
  let methods: string[]
  let reply: (asked: Asked) => Reply | Promise<Reply>

  beforeEach(async () => {
    methods = []
    app = await harness.start((app) => {
      app.read('/answer', (asked) => {
        methods.push(asked.method)
        return reply(asked)
      })
    })
  })
  afterEach(() => app.stop())

  const head = (headers = {}) => ask(app.port, { method: 'HEAD', headers })
  const outcomes = () => app.events.flatMap((event) => (event.type === 'request' ? [event.outcome] : []))

  // T26
  const replies: Record<string, () => Reply> = {
    'a string': () => ({ body: 'zażółć' }),
    'an object': () => ({ body: { a: 1 } }),
    'a large body': () => ({ headers: { 'Content-Type': 'x/y' }, body: Buffer.alloc(300_000, 'b') }),
    'a stream': () => ({ headers: { 'Content-Type': 'text/plain' }, body: Readable.from(['bo', 'dy']) }),
    'an empty body': () => ({ body: '' }),
    'several values of a field': () => ({ headers: { Link: ['<a>', '<b>'], ETag: 'W/"1"' }, body: 'body' }),
    'no content': () => ({ status: 204 }),
    'a redirect': () => ({ status: 301, headers: { Location: '/there' }, body: 'moved' }),
  }
  for (const [what, make] of Object.entries(replies)) {
    it(`gets the fields and the length of a stored answer, and no body: ${what}`, async () => {
      reply = make
      await ask(app.port)
      const get = await ask(app.port)
      const answer = await head()
      expect(answer.body.length).to.equal(0)
      expect(answer.status).to.equal(get.status)
      const fields = (of: typeof get) =>
        of.fields.filter(([name]) => name !== 'Date').map(([name, text]) => `${name}: ${text}`)
      expect(fields(answer).sort()).to.deep.equal(fields(get).sort())
      expect(values(answer, 'content-length')).to.deep.equal(get.status === 204 ? [] : [String(get.body.length)])
      expect(methods).to.deep.equal(['GET'])
      expect(outcomes()).to.deep.equal(['miss', 'hit', 'hit'])
    })
  }

  it('gets 304 for a tag that is still good', async () => {
    reply = () => ({ headers: { ETag: '"1"' }, body: 'body' })
    await ask(app.port)
    const answer = await head({ 'If-None-Match': '"1"' })
    expect(answer.status).to.equal(304)
    expect(values(answer, 'content-length')).to.deep.equal([])
  })

  it('runs the handler on a cold cache, each time, and stores nothing', async () => {
    reply = ({ method }) => (method === 'HEAD' ? { body: '' } : { body: 'body' })
    for (let i = 0; i < 2; i++) expect((await head()).status).to.equal(200)
    const get = await ask(app.port)
    expect(get.body.toString()).to.equal('body')
    expect(value(get, 'cache-status')).to.equal('tiercache-l1; fwd=miss; stored')
    expect(methods).to.deep.equal(['HEAD', 'HEAD', 'GET'])
    expect(outcomes()).to.deep.equal(['miss', 'miss', 'miss'])
  })

  it('says on a cold cache that it was a miss and nothing is stored', async () => {
    reply = () => ({ body: 'body' })
    expect(value(await head(), 'cache-status')).to.equal('tiercache-l1; fwd=miss')
  })

  it('that carries a body-less answer of its own never replaces what GET stored', async () => {
    reply = ({ method }) => (method === 'HEAD' ? { headers: { 'X-Own': '1' }, body: '' } : { body: 'body' })
    await ask(app.port)
    await head()
    await ask(app.port, { method: 'HEAD', path: '/answer?is_not_cache=1' })
    const get = await ask(app.port)
    expect(get.body.toString()).to.equal('body')
    expect(values(get, 'x-own')).to.deep.equal([])
    expect(methods).to.deep.equal(['GET', 'HEAD'])
  })

  // Invariant 12
  it('neither waits for the run of a GET nor lets a GET wait for its own', async () => {
    const gates = { HEAD: deferred(), GET: deferred() }
    reply = async ({ method }) => {
      await gates[method as 'HEAD' | 'GET'].promise
      return { body: method === 'HEAD' ? '' : 'body' }
    }
    const first = head()
    await eventually(() => expect(methods).to.deep.equal(['HEAD']))
    const get = ask(app.port)
    await eventually(() => expect(methods).to.deep.equal(['HEAD', 'GET']))
    const second = head()
    await eventually(() => expect(methods).to.deep.equal(['HEAD', 'GET', 'HEAD']))
    gates.HEAD.resolve()
    expect((await first).status).to.equal(200)
    expect((await second).status).to.equal(200)
    gates.GET.resolve()
    expect((await get).body.toString()).to.equal('body')
    expect(outcomes()).to.deep.equal(['miss', 'miss', 'miss'])
  })

  it('sees the same fields from the handler as without the cache', async () => {
    reply = () => ({ headers: { ETag: '"1"', 'X-Own': '1' }, body: 'body' })
    const answer = await head({ 'If-None-Match': '"2"' })
    expect(value(answer, 'x-own')).to.equal('1')
    expect(value(answer, 'content-length')).to.equal('4')
    expect(answer.body.length).to.equal(0)
  })
})

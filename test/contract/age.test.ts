// `Age` and `Cache-Status`: how old an answer is and how the cache treated the request, as RFC 9111 and RFC 9211 write it.
import { expect } from 'chai'
import { createSandbox } from 'sinon'
import { deferred, eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { ask, value, values } from '../support/wire.ts'
import { overFrameworks, type Reply, type Running } from './middleware.ts'

/** A list of tokens with parameters: bare, or with an integer or a token for value (RFC 9651, RFC 9211 §2). */
const MEMBER =
  /^[A-Za-z][\w.:/-]*(; (hit|stored|collapsed|fwd=[a-z-]+|ttl=-?\d+|detail=[A-Za-z][\w.:/-]*|key="[^"]*"))*$/

overFrameworks('Age and Cache-Status', (harness) => {
  const sandbox = createSandbox()
  let app: Running | undefined
  let reply: () => Reply | Promise<Reply>

  const start = async (options = {}) => {
    app = await harness.start((app) => app.read('/answer', () => reply(), '1m'), options)
    return app
  }
  afterEach(async () => {
    sandbox.restore()
    await app?.stop()
    app = undefined
  })

  /** Stops the cache's clock, and moves it by hand. */
  function stopClock(): (seconds: number) => void {
    let now = Math.ceil(performance.now())
    sandbox.stub(performance, 'now').callsFake(() => now)
    return (seconds) => {
      now += Math.round(seconds * 1_000)
    }
  }

  // T79
  it('tell how long the answer has been stored, and how long it stays fresh', async () => {
    const { port } = await start()
    reply = () => ({ headers: { 'Cache-Control': 'public, max-age=60' }, body: 'body' })
    const pass = stopClock()
    const seen: unknown[] = []
    for (const ms of [0, 0, 900, 200, 57_900, 900, 200]) {
      pass(ms / 1_000)
      const answer = await ask(port)
      seen.push([values(answer, 'age').join(), value(answer, 'cache-status')])
      expect(value(answer, 'cache-control')).to.equal('public, max-age=60')
    }
    expect(seen).to.deep.equal([
      ['', 'tiercache-l1; fwd=miss; stored'],
      ['0', 'tiercache-l1; hit; ttl=60'],
      ['0', 'tiercache-l1; hit; ttl=59'],
      ['1', 'tiercache-l1; hit; ttl=58'],
      ['59', 'tiercache-l1; hit; ttl=1'],
      ['59', 'tiercache-l1; hit; ttl=0'],
      ['', 'tiercache-l1; fwd=miss; stored'],
    ])
  })

  it('tell them of a 304 and of a HEAD as of any hit', async () => {
    const { port } = await start()
    reply = () => ({ headers: { ETag: '"1"' }, body: 'body' })
    const pass = stopClock()
    await ask(port)
    pass(7)
    for (const question of [{ headers: { 'If-None-Match': '"1"' } }, { method: 'HEAD' }, {}]) {
      const answer = await ask(port, question)
      expect(value(answer, 'age')).to.equal('7')
      expect(value(answer, 'cache-status')).to.equal('tiercache-l1; hit; ttl=53')
    }
  })

  // RFC 9111 §4.2.3: an answer that came with an age is older than our entry
  it('go on from the age that the handler’s answer had already', async () => {
    const { port } = await start()
    reply = () => ({ headers: { Age: '30', 'Cache-Control': 'max-age=60' }, body: 'body' })
    const pass = stopClock()
    expect(value(await ask(port), 'age')).to.equal('30')
    pass(5)
    expect(value(await ask(port), 'age')).to.equal('35')
  })

  it('ignore an age that is no number', async () => {
    const { port } = await start()
    reply = () => ({ headers: { Age: 'old' }, body: 'body' })
    await ask(port)
    expect(value(await ask(port), 'age')).to.equal('0')
  })

  it('say why an answer is not stored', async () => {
    const { port } = await start()
    const details: Record<string, Reply> = {
      'set-cookie': { headers: { 'Set-Cookie': 'a=1' }, body: 'body' },
      private: { headers: { 'Cache-Control': 'private' }, body: 'body' },
      'no-store': { headers: { 'Cache-Control': 'no-store' }, body: 'body' },
      'vary-any': { headers: { Vary: '*' }, body: 'body' },
      'status-500': { status: 500, body: 'body' },
      'event-stream': { headers: { 'Content-Type': 'text/event-stream' }, body: 'data: 1\n\n' },
    }
    for (const [detail, one] of Object.entries(details)) {
      reply = () => one
      const answer = await ask(port)
      expect(value(answer, 'cache-status')).to.equal(`tiercache-l1; fwd=miss; detail=${detail}`)
      expect(values(answer, 'age')).to.deep.equal([])
    }
  })

  it('say why a request went around the cache', async () => {
    const { port } = await start()
    reply = () => ({ body: 'body' })
    const questions = {
      is_not_cache: { path: '/answer?is_not_cache=1' },
      authorization: { headers: { Authorization: 'Basic YTpi' } },
      range: { headers: { Range: 'bytes=0-0' } },
      precondition: { headers: { 'If-Match': '"1"' } },
    }
    for (const [detail, question] of Object.entries(questions)) {
      const answer = await ask(port, question)
      expect(value(answer, 'cache-status')).to.equal(`tiercache-l1; fwd=bypass; detail=${detail}`)
      expect(values(answer, 'age')).to.deep.equal([])
    }
  })

  it('are absent where the method never meets the cache', async () => {
    app = await harness.start((app) => {
      app.useCache('1m')
      app.plain('post', '/answer', () => ({ body: 'body' }))
    })
    const answer = await ask(app.port, { method: 'POST' })
    expect(answer.status).to.equal(200)
    expect(values(answer, 'cache-status').concat(values(answer, 'age'))).to.deep.equal([])
  })

  it('say that a request waited for another’s run', async () => {
    const gate = deferred()
    let requests = 0
    app = await harness.start((app) => {
      app.outerHeaders(() => {
        requests++
        return {}
      })
      app.useCache('1m')
      app.plain('get', '/answer', async () => {
        await gate.promise
        return { body: 'body' }
      })
    })
    const { port, events } = app
    const leader = ask(port)
    await eventually(() => expect(requests).to.equal(1))
    const follower = ask(port)
    await eventually(() => expect(requests).to.equal(2))
    gate.resolve()
    expect(value(await leader, 'cache-status')).to.equal('tiercache-l1; fwd=miss; stored')
    const answer = await follower
    expect(value(answer, 'cache-status')).to.equal('tiercache-l1; fwd=miss; collapsed')
    expect(value(answer, 'age')).to.equal('0')
    expect(events.filter(({ type }) => type === 'run')).to.have.lengthOf(1)
  })

  it('keep what caches nearer the origin said, in front', async () => {
    const { port } = await start()
    reply = () => ({ headers: { 'Cache-Status': ['Origin; hit', 'ExampleCDN; fwd=uri-miss'] }, body: 'body' })
    const answers = [await ask(port), await ask(port)].map((answer) => values(answer, 'cache-status').join(', '))
    expect(answers[0]).to.equal('Origin; hit, ExampleCDN; fwd=uri-miss, tiercache-l1; fwd=miss; stored')
    expect(answers[1]).to.match(/^Origin; hit, ExampleCDN; fwd=uri-miss, tiercache-l1; hit; ttl=\d+$/)
    for (const text of answers) for (const member of text.split(', ')) expect(member).to.match(MEMBER)
  })

  describe('with Redis', () => {
    let redis: RedisServer
    before(async () => {
      redis = await startRedis()
    })
    after(() => redis.stop())

    it('have a member for each tier, the nearest to the client last', async () => {
      const { port } = await start({ redis: redis.url, namespace: `age-${harness.name}` })
      reply = () => ({ body: 'body' })
      const own = [await ask(port), await ask(port)].map((answer) => value(answer, 'cache-status') ?? '')
      expect(own[0]).to.equal('tiercache-l2; fwd=miss; stored, tiercache-l1; fwd=miss; stored')
      expect(own[1]).to.match(/^tiercache-l2; fwd=miss, tiercache-l1; hit; ttl=\d+$/)
      const other = await harness.start((app) => app.read('/answer', () => reply(), '1m'), {
        redis: redis.url,
        namespace: `age-${harness.name}`,
      })
      try {
        const headers = { Host: `127.0.0.1:${port}` }
        const theirs = await eventually(async () => {
          const first = await ask(other.port, { headers })
          expect(value(first, 'cache-status')).to.match(/^tiercache-l2; hit; ttl=\d+, tiercache-l1; fwd=miss; stored$/)
          return [first, await ask(other.port, { headers })]
        })
        expect(Number(value(theirs[0]!, 'age'))).to.be.within(0, 59)
        expect(value(theirs[1]!, 'cache-status')).to.match(/^tiercache-l2; hit, tiercache-l1; hit; ttl=\d+$/)
        for (const text of [...own, ...theirs.map((answer) => value(answer, 'cache-status') ?? '')])
          for (const member of text.split(', ')) expect(member).to.match(MEMBER)
      } finally {
        await other.stop()
      }
    })
  })
})

// Fields of a replay: every value in its order, and none that belonged to one connection or one message.
import { expect } from 'chai'
import type { Response } from 'express'
import { expectSameThenReplay, expressTwin, type Twin } from '../../support/compare.ts'
import { raw } from '../../support/http-client.ts'
import { ask, value, values, type WireAnswer } from '../../support/wire.ts'

describe('the fields of a replay', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // T9
  const several: Record<string, readonly string[]> = {
    Link: ['<z>; rel=next', '<a>; rel="prev, first"'],
    'WWW-Authenticate': ['Negotiate', 'Basic realm="a, b"'],
    Vary: ['X-B', 'X-A', 'x-b'],
    'Content-Security-Policy': ["default-src 'none'", 'img-src a'],
    'X-Own': ['2', '1', '2'],
    'Cache-Control': ['public', 'max-age=60'],
  }
  for (const [name, lines] of Object.entries(several)) {
    it(`hold every line of ${name}, in order`, async () => {
      const route = { vary: ['X-A', 'X-B'] }
      twin = await expressTwin((_req, res) => void res.setHeader(name, lines).end('body'), { route })
      const { replay } = await expectSameThenReplay(twin)
      expect(values(replay, name)).to.deep.equal(lines)
    })
  }

  it('hold one joined line as the handler joined it', async () => {
    twin = await expressTwin((_req, res) => void res.setHeader('Link', '<a>, <b>').end('body'))
    const { replay } = await expectSameThenReplay(twin)
    expect(values(replay, 'link')).to.deep.equal(['<a>, <b>'])
  })

  it('are named as the handler named them', async () => {
    const names = ['x-lower', 'X-UPPER', 'ETag', 'x-MiXeD']
    twin = await expressTwin((_req, res) => {
      for (const name of names) res.setHeader(name, '"v"')
      res.end('body')
    })
    const { replay } = await expectSameThenReplay(twin)
    expect(replay.fields.map(([name]) => name)).to.include.members(names)
  })

  // T10
  const hopByHop: Record<string, (res: Response) => unknown> = {
    'Connection and what it names': (res) =>
      res.setHeader('Connection', 'X-Hop, close, x-other').setHeader('X-Hop', '1').setHeader('X-Other', '1'),
    'Keep-Alive': (res) => res.setHeader('Keep-Alive', 'timeout=99'),
    TE: (res) => res.setHeader('TE', 'trailers'),
    Upgrade: (res) => res.setHeader('Upgrade', 'h2c'),
    'Proxy-Authenticate': (res) => res.setHeader('Proxy-Authenticate', 'Basic'),
    'Proxy-Connection': (res) => res.setHeader('Proxy-Connection', 'keep-alive'),
    'Proxy-Authentication-Info': (res) => res.setHeader('Proxy-Authentication-Info', 'nextnonce="1"'),
  }
  for (const [name, set] of Object.entries(hopByHop)) {
    it(`lack ${name}`, async () => {
      twin = await expressTwin((_req, res) => {
        set(res)
        res.setHeader('X-Kept', '1').end('body')
      })
      const [miss, hit] = [await ask(twin.cached), await ask(twin.cached)]
      const [first = ''] = name.split(' ')
      expect(values(miss, first)).to.have.lengthOf(1)
      expect(values(hit, first).filter((line) => line !== 'close')).to.deep.equal([])
      expect(values(hit, 'x-hop').concat(values(hit, 'x-other'))).to.deep.equal([])
      expect(value(hit, 'x-kept')).to.equal('1')
      expect(value(hit, 'cache-status')).to.match(/hit/)
    })
  }

  it('have a Date of their own, however the handler dated its answer', async () => {
    const old = new Date(Date.now() - 86_400_000).toUTCString()
    twin = await expressTwin((_req, res) => void res.setHeader('Date', old).end('body'))
    const [miss, hit] = [await ask(twin.cached), await ask(twin.cached)]
    expect(value(miss, 'date')).to.equal(old)
    expect(Date.now() - Date.parse(value(hit, 'date') ?? '')).to.be.lessThan(60_000)
  })

  // T11
  it('frame it by its length, on a connection that stays, whatever comes next', async () => {
    twin = await expressTwin((req, res) => {
      res.write(`first of ${req.query.n}, `)
      res.end('second')
    })
    await ask(twin.cached, { path: '/answer?n=1' })
    await ask(twin.cached, { path: '/answer?n=22' })
    const line = (method: string, path: string, last = '') =>
      `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${twin.cached}\r\n${last}\r\n`
    const bytes = await raw(
      twin.cached,
      line('GET', '/answer?n=1') +
        line('HEAD', '/answer?n=22') +
        line('GET', '/answer?n=22') +
        line('GET', '/answer?n=1', 'Connection: close\r\n'),
    )
    const parts = bytes.toString('latin1').split('HTTP/1.1 200 OK\r\n').slice(1)
    expect(parts.map((part) => part.slice(part.indexOf('\r\n\r\n') + 4))).to.deep.equal([
      'first of 1, second',
      '',
      'first of 22, second',
      'first of 1, second',
    ])
    expect(parts.map((part) => /Content-Length: (\d+)/.exec(part)?.[1])).to.deep.equal(['18', '19', '19', '18'])
    expect(parts.filter((part) => /Transfer-Encoding/i.test(part))).to.deep.equal([])
  })

  for (const name of ['Content-Length', 'Date', 'Transfer-Encoding', 'Connection']) {
    it(`frame it and date it also where the handler removed ${name} from its own answer`, async () => {
      twin = await expressTwin((_req, res) => {
        res.removeHeader(name)
        res.end('body')
      })
      await ask(twin.cached)
      const hit = await ask(twin.cached)
      expect(value(hit, 'cache-status')).to.match(/hit/)
      expect(value(hit, 'content-length')).to.equal('4')
      expect(values(hit, 'date')).to.have.lengthOf(1)
      expect(values(hit, 'transfer-encoding')).to.deep.equal([])
      expect(value(hit, 'connection')).to.equal('close')
    })
  }

  it('suit a client of HTTP/1.0', async () => {
    twin = await expressTwin((_req, res) => {
      res.write('bo')
      res.end('dy')
    })
    const question = 'GET /answer HTTP/1.0\r\nHost: a\r\n\r\n'
    const answers = [await raw(twin.cached, question), await raw(twin.cached, question)].map(String)
    expect(answers.map((text) => text.slice(text.indexOf('\r\n\r\n') + 4))).to.deep.equal(['body', 'body'])
    expect(answers[1]).to.match(/^Cache-Status: tiercache-l1; hit/m)
    expect(answers[1]).not.to.match(/^Transfer-Encoding/m)
  })

  // T11: a length of an answer that has none
  const bodiless: Record<string, { status: number; question?: Record<string, string> }> = {
    'of a 204': { status: 204 },
    'of a 304': { status: 200, question: { 'If-None-Match': '"1"' } },
  }
  for (const [what, { status, question = {} }] of Object.entries(bodiless)) {
    it(`hold no length ${what}`, async () => {
      twin = await expressTwin((_req, res) => void res.status(status).set('ETag', '"1"').end('body'))
      const answers: WireAnswer[] = [
        await ask(twin.cached, { headers: question }),
        await ask(twin.cached, { headers: question }),
      ]
      for (const answer of answers) {
        expect(answer.status).to.equal(status === 200 ? 304 : status)
        expect(answer.body.length).to.equal(0)
        expect(values(answer, 'content-length').concat(values(answer, 'transfer-encoding'))).to.deep.equal([])
      }
    })
  }
})

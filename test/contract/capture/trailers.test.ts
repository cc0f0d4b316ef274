// Trailers come after the body, where a replay has nothing to send: they reach the client and make the answer unstorable.
import { expect } from 'chai'
import type { Response } from 'express'
import { expectSameNeverStored, expressTwin, type Twin } from '../../support/compare.ts'
import { ask, values } from '../../support/wire.ts'

describe('trailers', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // T8
  const forms: Record<string, { reason: string; write: (res: Response) => void }> = {
    'announced and sent': {
      reason: 'trailers',
      write: (res) => {
        res.writeHead(200, { Trailer: 'X-Sum' })
        res.write('body')
        res.addTrailers({ 'X-Sum': '7' })
        res.end()
      },
    },
    'announced and never sent': {
      reason: 'trailer',
      write: (res) => {
        res.setHeader('Trailer', 'X-Sum')
        res.write('body')
        res.end()
      },
    },
    'sent without notice': {
      reason: 'trailers',
      write: (res) => {
        res.write('body')
        res.addTrailers({ 'X-Sum': '7' })
        res.end()
      },
    },
    'sent as pairs': {
      reason: 'trailers',
      write: (res) => {
        res.write('body')
        res.addTrailers([['X-Sum', '7']])
        res.end('end')
      },
    },
    'added before the head': {
      reason: 'trailers',
      write: (res) => {
        res.addTrailers({ 'X-Sum': '7' })
        res.write('body')
        res.end()
      },
    },
  }
  for (const [form, { reason, write }] of Object.entries(forms)) {
    it(`reach the client of a run, which is not stored: ${form}`, async () => {
      twin = await expressTwin((_req, res) => write(res))
      const { trailers } = await expectSameNeverStored(twin, reason)
      expect(trailers).to.deep.equal(form === 'announced and never sent' ? [] : ['X-Sum', '7'])
    })
  }

  // T8, T80
  it('are neither announced nor sent with a 304, which has no body for them to follow', async () => {
    twin = await expressTwin(async (_req, res) => {
      res.setHeader('ETag', '"v1"')
      res.setHeader('Trailer', 'X-Sum')
      res.write('body')
      res.addTrailers({ 'X-Sum': '7' })
      res.end()
    })
    const answer = await ask(twin.cached, { headers: { 'If-None-Match': '"v1"' } })
    expect([answer.status, answer.whole, answer.trailers]).to.deep.equal([304, true, []])
    expect(values(answer, 'trailer')).to.deep.equal([])
    expect((await ask(twin.cached)).trailers).to.deep.equal(['X-Sum', '7'])
  })
})

// Each row of the README's table of what is never cached holds: the request is answered, `Cache-Status` gives the reason, nothing is kept.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, { type RequestHandler } from 'express'
import { createCache } from '../../src/express.ts'
import { type Answer, type SendOptions, send } from '../support/http-client.ts'
import { codeOf, tableAfter } from './tables.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

interface Case {
  readonly asked?: SendOptions
  readonly path?: string
  /** Where the two requests ask for different things. */
  readonly paths?: readonly [string, string]
  readonly doorkeeper?: boolean
  readonly handler?: RequestHandler
}

const answerWith =
  (name: string, value: string): RequestHandler =>
  (_req, res) =>
    void res.set(name, value).send('x')

/** A request or a handler for each reason that the table names. */
const cases: Readonly<Record<string, Case>> = {
  'no header': { asked: { method: 'POST' } },
  authorization: { asked: { headers: { Authorization: 'Bearer x' } } },
  range: { asked: { headers: { Range: 'bytes=0-0' } } },
  precondition: { asked: { headers: { 'If-Match': '"x"' } } },
  body: { asked: { method: 'GET', headers: { 'Content-Length': '2' }, body: '{}' } },
  is_not_cache: { path: '/?is_not_cache=1' },
  'status-500': { handler: (_req, res) => void res.status(500).send('x') },
  'set-cookie': { handler: answerWith('Set-Cookie', 'a=1') },
  private: { handler: answerWith('Cache-Control', 'private') },
  expires: { handler: answerWith('Expires', '0') },
  'vary-any': { handler: answerWith('Vary', '*') },
  'content-encoding': { handler: answerWith('Content-Encoding', 'x-own') },
  'event-stream': { handler: answerWith('Content-Type', 'text/event-stream') },
  'too-large': { handler: (_req, res) => void res.send('x'.repeat(2048)) },
  doorkeeper: { paths: ['/?q=1', '/?q=2'], doorkeeper: true },
  storable: { handler: answerWith('X-Refused', 'yes') },
  'private-read': { handler: (req, res) => void res.send(`${req.get('Cookie')}`) },
}

describe("the README's table of what is never cached", () => {
  const rows = tableAfter(readme, '## What is never cached').map(([, detail = '']) => codeOf(detail))
  let server: Server | undefined

  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  it('has a case here for each of its rows', () => expect(Object.keys(cases)).to.deep.equal(rows))

  for (const [detail, one] of Object.entries(cases)) {
    const { asked = {}, path = '/', paths = [path, path], handler = answerWith('X-Made', 'here'), doorkeeper } = one
    it(`is true of ${detail}`, async () => {
      let runs = 0
      const { cacheRoute } = createCache()
      const app = express()
      const storable = ({ headers }: { headers: readonly (readonly [string, unknown])[] }) =>
        !headers.some(([name]) => name === 'X-Refused')
      app.use(cacheRoute('1m', { maxBodyBytes: '1kb', storable, doorkeeper }), (req, res, next) => {
        runs++
        handler(req, res, next)
      })
      server = app.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const answers: Answer[] = []
      for (const one of paths) answers.push(await send(port, one, asked))
      const said = answers.map(({ headers }) => /detail=(\S+)$/.exec(String(headers['cache-status'] ?? ''))?.[1])
      expect(said).to.deep.equal(detail === 'no header' ? [undefined, undefined] : [detail, detail])
      expect(runs).to.equal(2)
    })
  }
})

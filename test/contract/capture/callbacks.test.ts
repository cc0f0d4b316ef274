// What `write` and `end` tell their caller is what they tell without the cache: return values, callbacks, back-pressure, errors.

import { once } from 'node:events'
import { expect } from 'chai'
import type { Request, Response } from 'express'
import { expectSameRun, expectSameThenReplay, expressTwin, type Twin } from '../../support/compare.ts'
import { eventually } from '../../support/gate.ts'
import { getSlowly } from '../../support/http-client.ts'
import { ask } from '../../support/wire.ts'

type Log = string[]

/** A handler with a log of its own for each run: the first is the one without the cache. */
function logging(handler: (res: Response, log: Log, req: Request) => unknown) {
  const logs: Log[] = []
  return {
    logs,
    handler(req: Request, res: Response) {
      const log: Log = []
      logs.push(log)
      handler(res, log, req)
    },
  }
}

/** Notes how a call ends: by returning, or by throwing. */
function attempt(log: Log, call: () => unknown): void {
  try {
    log.push(`returned ${String(call())}`)
  } catch (error) {
    log.push(`threw ${(error as { code?: string }).code}`)
  }
}

const told = (log: Log, name: string) => (error?: Error | null) => {
  log.push(`${name} ${(error as { code?: string } | undefined)?.code ?? 'ok'}`)
}

describe('the caller of a watched response', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // T4
  it('gets the response back from end, and every callback once', async () => {
    const { logs, handler } = logging((res, log) => {
      log.push(
        `write ${res.write('a', told(log, 'written'))}`,
        `write ${res.write('b', 'latin1', told(log, 'written'))}`,
      )
      log.push(`same ${res.end('c', told(log, 'ended')) === res}`)
    })
    twin = await expressTwin(handler)
    await expectSameThenReplay(twin)
    await eventually(() => expect(logs[1]).to.have.lengthOf(6))
    expect(logs[1]).to.deep.equal(logs[0])
    expect(logs[1]!.filter((line) => line === 'ended ok')).to.have.lengthOf(1)
  })

  for (const [form, end] of Object.entries<(res: Response, done: () => void) => unknown>({
    'end(callback)': (res, done) => res.end(done),
    'end(chunk, callback)': (res, done) => res.end('c', done),
    'end(chunk, encoding, callback)': (res, done) => res.end('c', 'utf8', done),
  })) {
    it(`gets the callback of ${form} once, also when the answer becomes a 304`, async () => {
      const { logs, handler } = logging((res, log) => {
        res.setHeader('ETag', '"1"')
        res.write('first', told(log, 'written'))
        log.push(`same ${end(res, told(log, 'ended')) === res}`)
      })
      twin = await expressTwin(handler)
      expect((await ask(twin.cached, { headers: { 'If-None-Match': '"1"' } })).status).to.equal(304)
      await eventually(() => expect(logs[0]).to.have.members(['same true', 'written ok', 'ended ok']))
    })
  }

  // T14
  const after: Record<string, (res: Response, log: Log) => void> = {
    'write after end': (res, log) => attempt(log, () => res.write('late', told(log, 'written'))),
    'end after end': (res, log) => attempt(log, () => res.end() === res),
    'end(callback) after end': (res, log) => attempt(log, () => res.end(told(log, 'ended')) === res),
    'end(chunk) after end': (res, log) => attempt(log, () => res.end('late', told(log, 'ended')) === res),
    'setHeader after end': (res, log) => attempt(log, () => res.setHeader('X-Late', '1') === res),
    'writeHead after end': (res, log) => attempt(log, () => res.writeHead(500) === res),
    'flushHeaders after end': (res, log) => attempt(log, () => res.flushHeaders()),
    'send after end': (res, log) => attempt(log, () => res.send('late') === res),
  }
  for (const [title, act] of Object.entries(after)) {
    it(`meets the same errors, and one entry is stored: ${title}`, async () => {
      const { logs, handler } = logging((res, log) => {
        res.on('error', told(log, 'error'))
        res.write('body')
        res.end()
        act(res, log)
      })
      twin = await expressTwin(handler)
      await expectSameThenReplay(twin)
      await eventually(() => expect(logs[1]).to.deep.equal(logs[0]))
      expect(twin.events.filter(({ type }) => type === 'run')).to.have.lengthOf(1)
    })
  }

  it('meets the same error for a second head', async () => {
    const { logs, handler } = logging((res, log) => {
      res.writeHead(200, { 'X-First': '1' })
      attempt(log, () => res.writeHead(201, { 'X-Second': '1' }))
      attempt(log, () => res.setHeader('X-Third', '1'))
      res.end('once')
    })
    twin = await expressTwin(handler)
    await expectSameThenReplay(twin)
    expect(logs[1]).to.deep.equal(['threw ERR_HTTP_HEADERS_SENT', 'threw ERR_HTTP_HEADERS_SENT'])
    expect(logs[1]).to.deep.equal(logs[0])
  })

  it('sees the same state of the response at every step', async () => {
    const { logs, handler } = logging((res, log, req) => {
      const note = (step: string) =>
        log.push(`${step} ${res.headersSent} ${res.writableEnded} ${res.writableLength > 0} ${req.method}`)
      note('fresh')
      res.status(201).status(200).set('X-A', '1')
      note('with fields')
      res.write('a')
      note('written')
      res.end('b')
      note('ended')
      res.on('finish', () => log.push(`finish ${res.writableFinished}`))
      res.on('close', () => log.push('close'))
    })
    twin = await expressTwin(handler)
    await expectSameThenReplay(twin)
    await eventually(() => expect(logs[1]).to.include('close'))
    expect(logs[1]).to.deep.equal(logs[0])
  })

  // T4
  it('feels the back-pressure of a slow client, and hears of the room that comes', async () => {
    const megabyte = Buffer.alloc(1_000_000, 'm')
    let waited = 0
    twin = await expressTwin(
      async (_req, res) => {
        for (let i = 0; i < 40; i++) {
          if (res.write(megabyte)) continue
          waited++
          await once(res, 'drain')
        }
        res.end()
      },
      { route: { maxBodyBytes: '50mb' } },
    )
    const answer = await getSlowly(twin.cached, '/answer')
    await eventually(() => expect(waited).to.be.greaterThan(0))
    expect((await answer.read()).length).to.equal(40_000_000)
    expect((await ask(twin.cached)).body.length).to.equal(40_000_000)
  })

  it('meets the same errors for more bytes than announced under strictContentLength', async () => {
    const { logs, handler } = logging((res, log) => {
      res.strictContentLength = true
      res.setHeader('Content-Length', 3)
      attempt(log, () => res.write('four'))
      attempt(log, () => res.write('more'))
      res.destroy()
    })
    twin = await expressTwin(handler)
    await expectSameRun(twin)
    expect(logs[1]).to.deep.equal(logs[0])
    expect(logs[1]).to.include('threw ERR_HTTP_CONTENT_LENGTH_MISMATCH')
  })
})

// `warm` of what cannot be stored, and of handlers that fail: counted, with the reason, and never thrown.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { WarmProgress } from '../../../src/warm/warm-result.ts'
import { unhandledDuring } from '../../support/unhandled.ts'
import { type App, type Harness, overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { starting } from '../starting.ts'

interface Case {
  readonly name: string
  readonly reply: () => Reply | Promise<Reply>
  readonly options?: ReadOptions
  readonly headers?: Record<string, string>
  readonly end: Pick<WarmProgress, 'outcome' | 'status' | 'reason'>
  readonly only?: Harness['name']
}

const ok = () => ({ body: 'body' })
const notStored = (status: number, reason: string) => ({ outcome: 'notStored', status, reason }) as const
const failed = (status: number | undefined, reason: string) => ({ outcome: 'failed', status, reason }) as const

const cases: readonly Case[] = [
  {
    name: 'a handler that throws has failed',
    reply: () => {
      throw new Error('no database')
    },
    end: failed(500, 'status-500'),
  },
  {
    name: 'a handler that answers 503 has failed',
    reply: () => ({ status: 503, body: 'busy' }),
    end: failed(503, 'status-503'),
  },
  { name: 'a 404 is not stored', reply: () => ({ status: 404, body: 'none' }), end: notStored(404, 'status-404') },
  {
    name: 'a 404 of a route with negative entries is stored',
    reply: () => ({ status: 404, body: 'none' }),
    options: { negativeTtl: true },
    end: { outcome: 'stored', status: 404, reason: undefined },
  },
  {
    name: 'an answer that sets a cookie is not stored',
    reply: () => ({ headers: { 'Set-Cookie': 'id=1' }, body: 'body' }),
    end: notStored(200, 'set-cookie'),
  },
  {
    name: 'a request with credentials goes around the cache',
    reply: ok,
    headers: { Authorization: 'Bearer a' },
    end: notStored(200, 'authorization'),
  },
  {
    name: 'an answer that a condition of the user refuses late is not stored',
    reply: ok,
    options: { storable: async () => false },
    end: notStored(200, 'storable'),
  },
  {
    name: 'a stream that breaks off has failed',
    reply: () => ({
      body: Readable.from(
        (async function* () {
          yield 'some'
          throw new Error('broken')
        })(),
      ),
    }),
    // Express pipes on as if nothing had happened: nobody ends the answer.
    only: 'Koa',
    end: failed(undefined, 'broken-off'),
  },
]

overFrameworks('warm', (harness) => {
  const start = starting(harness)

  const ending = async (tell: (app: App) => void, headers: Record<string, string> = {}) => {
    const app = await start(tell)
    const told: WarmProgress[] = []
    const onProgress = (progress: WarmProgress) => void told.push(progress)
    const result = await app.warm(['/thing'], { headers: { host: 'shop.test', ...headers }, onProgress })
    expect(result[told[0]!.outcome]).to.equal(1)
    const { outcome, status, reason } = told[0]!
    return { outcome, status, reason }
  }

  for (const { name, reply, options, headers, end, only } of cases) {
    if (only !== undefined && only !== harness.name) continue
    it(`tells that ${name}`, async () => {
      expect(await ending((app) => app.read('/thing', reply, '1m', options), headers)).to.deep.equal(end)
    })
  }

  it('tells of a request that no cache stands on the way of', async () => {
    expect(await ending((app) => app.plain('get', '/thing', ok))).to.deep.equal(notStored(200, 'no-cache-route'))
    expect(await ending((app) => app.read('/other', ok))).to.deep.equal(notStored(404, 'no-cache-route'))
  })

  it('tells of a cache that was mounted for everything and of what answered behind it', async () => {
    const mounted = (app: App) => {
      app.useCache('1m')
      app.plain('get', '/thing', ok)
    }
    expect(await ending(mounted)).to.deep.equal({ outcome: 'stored', status: 200, reason: undefined })
  })

  it('goes on where `onProgress` throws', async () => {
    const app = await start((told) => told.read('/thing', ok))
    const onProgress = () => {
      throw new Error('of the user')
    }
    const requests = ['http://shop.test/thing', 'http://shop.test/thing?2']
    expect(await app.warm(requests, { onProgress })).to.include({ stored: 2 })
  })

  // T72
  it('goes on where `onProgress` rejects, and no rejection is left to end the process', async () => {
    const app = await start((told) => told.read('/thing', ok))
    const onProgress = async () => {
      throw new Error('of the user')
    }
    const warming = () => app.warm(['http://shop.test/thing'], { onProgress: onProgress as never })
    expect(await unhandledDuring(warming)).to.deep.equal([])
  })
})

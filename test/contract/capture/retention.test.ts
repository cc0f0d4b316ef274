// Ten thousand requests later nothing of them is left: no response, no capture, no buffer.

import { expect } from 'chai'
import { expressTwin, koaTwin, type Twin } from '../../support/compare.ts'
import { collected } from '../../support/heap.ts'
import { raw } from '../../support/http-client.ts'

const KINDS = [
  'GET /answer?n=N', // misses, hits and collapsed ones, as they come
  'GET /answer?n=N',
  'HEAD /answer?n=N',
  'GET /answer?n=N&is_not_cache=1',
  'GET /answer?n=N&streamed=1',
  'GET /answer?n=N&large=1',
  'GET /answer?n=N&status=500',
  'POST /answer?n=N',
]
const LARGE = 3_000
const options = { route: { maxBodyBytes: LARGE - 1 }, cache: { memory: { maxEntries: 50 } } }

describe('after ten thousand requests', () => {
  let twin: Twin
  let seen: WeakRef<object>[] = []
  afterEach(() => twin.stop())

  const starts: Record<string, () => Promise<Twin>> = {
    Express: () =>
      expressTwin(
        {
          mount(app, cacheRoute) {
            app.use((_req, res, next) => {
              seen.push(new WeakRef(res))
              next()
            })
            app.all('/answer', cacheRoute, (req, res) => {
              const { n, streamed, large, status = 200 } = req.query
              res.status(Number(status))
              if (streamed !== undefined) res.write(`part ${n}`)
              res.end(large === undefined ? `body ${n}` : Buffer.alloc(LARGE))
            })
          },
        },
        options,
      ),
    Koa: () =>
      koaTwin(
        [
          (ctx, next) => {
            seen.push(new WeakRef(ctx.res))
            return next()
          },
          undefined,
          (ctx) => {
            const { n, streamed, large, status = 200 } = ctx.query
            ctx.status = Number(status)
            if (streamed !== undefined) ctx.body = new Blob([`part ${n}`]).stream()
            else ctx.body = large === undefined ? `body ${n}` : Buffer.alloc(LARGE)
          },
        ],
        options,
      ),
  }

  /** Sends them over ten connections, each with all of its requests at once. */
  async function send(count: number): Promise<void> {
    const connections = Array.from({ length: 10 }, async (_, connection) => {
      const lines = Array.from({ length: count / 10 }, (_, i) => {
        const kind = KINDS[i % KINDS.length]!.replace('N', String((i * 7 + connection) % 100))
        const condition = i % 3 === 0 ? 'If-None-Match: *\r\n' : ''
        const last = i + 1 === count / 10 ? 'Connection: close\r\n' : ''
        return `${kind} HTTP/1.1\r\nHost: a\r\n${condition}${last}\r\n`
      })
      return (await raw(twin.cached, lines.join(''))).toString('latin1').split('HTTP/1.1 ').length - 1
    })
    expect((await Promise.all(connections)).reduce((a, b) => a + b)).to.equal(count)
  }

  // T18
  for (const [framework, start] of Object.entries(starts)) {
    it(`no response and no more memory than after two thousand is held on ${framework}`, async function () {
      this.timeout(60_000)
      twin = await start()
      await send(2_000)
      await new Promise((resolve) => setTimeout(resolve, 0))
      const warm = collected()
      seen = []
      await send(10_000)
      ;(twin.events as unknown[]).splice(0)
      await new Promise((resolve) => setTimeout(resolve, 0))
      const { heapUsed, arrayBuffers } = collected()
      const held = seen.filter((ref) => ref.deref() !== undefined).length
      expect(seen).to.have.lengthOf(10_000)
      expect(held).to.be.lessThan(50)
      // A response weighs more than 1.5 kB: 15 MB if they stayed.
      expect(heapUsed - warm.heapUsed).to.be.lessThan(4_000_000)
      expect(arrayBuffers - warm.arrayBuffers).to.be.lessThan(1_000_000)
    })
  }
})

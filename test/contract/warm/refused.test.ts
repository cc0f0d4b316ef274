// What `warm` refuses: it says what was expected and what came, and how answers are addressed.
import { expect } from 'chai'
import { CacheConfigError } from '../../../src/errors.ts'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { WarmRequests } from '../../../src/warm/warm.ts'
import type { WarmOptions } from '../../../src/warm/warm-options.ts'
import { overFrameworks } from '../middleware.ts'
import { starting } from '../starting.ts'

const url = 'http://shop.test/thing'

const options: readonly [wrong: object, message: string][] = [
  [{ concurency: 2 }, 'Unknown option `concurency`. Did you mean `concurrency`?'],
  [{ concurrency: 0 }, 'Expected `concurrency` to be a whole number of at least 1, got 0'],
  [{ concurrency: 1_001 }, 'Expected `concurrency` to be at most 1000, got 1001'],
  [{ deadline: '5 parsecs' }, 'Expected `deadline` to be a duration greater than 0'],
  [{ signal: {} }, 'Expected `signal` to be an AbortSignal, got an object'],
  [{ onProgress: true }, 'Expected `onProgress` to be a function, got true'],
  [{ headers: 'host: a' }, 'Expected `headers` to be an object, got "host: a"'],
  [{ headers: { host: 1 } }, 'Expected `headers.host` to be a string or an array of them, got 1'],
  [{ headers: { 'a b': 'c' } }, 'Expected `headers.a b` to be a header field that a request may carry, got "c"'],
  [{ headers: { a: 'b\r\nc: d' } }, 'Expected `headers.a` to be a header field that a request may carry'],
]

const requests: readonly [wrong: unknown, message: string][] = [
  [undefined, 'Expected `requests` to be an array or another (async) iterable of requests, got undefined'],
  ['/thing', 'Expected `requests` to be an array or another (async) iterable of requests, got "/thing"'],
  [
    [url, '/thing?a=1'],
    'Expected a host for "/thing?a=1", got none. Answers are stored under scheme and host as clients send them: ' +
      "give a whole URL such as 'https://shop.example/thing?a=1', or { headers: { host: 'shop.example' } }",
  ],
  [['thing'], 'Expected `requests` to be URLs, paths such as \'/products?page=1\', or { url, headers }, got "thing"'],
  [['//shop.test/thing'], 'Expected `requests` to be URLs'],
  [['ftp://shop.test/thing'], 'Expected `requests` to be URLs'],
  [[1], 'Expected `requests` to be URLs'],
  [[{ url: 1 }], 'Expected `requests` to be URLs'],
  [[{ url, method: 'POST' }], 'Unknown option `request.method`'],
  [[{ url, headers: { a: 1 } }], 'Expected `request.headers.a` to be a string or an array of them, got 1'],
]

overFrameworks('warm refuses', (harness) => {
  const start = starting(harness)

  async function expectRefusal(wrong: unknown, told: object, message: string) {
    let runs = 0
    const app = await start((one) => one.read('/thing', () => ({ body: String(++runs) })))
    const error = await app.warm(wrong as WarmRequests, told as WarmOptions).then(
      () => expect.fail('nothing was refused'),
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(CacheConfigError)
    expect((error as Error).message).to.include(message)
    expect(runs).to.equal(0)
  }

  for (const [wrong, message] of options) {
    it(`the options ${JSON.stringify(wrong)}`, () => expectRefusal([url], wrong, message))
  }

  for (const [wrong, message] of requests) {
    it(`the requests ${JSON.stringify(wrong)}`, () => expectRefusal(wrong, {}, message))
  }

  it('a request that comes late and is none, once those under way are over', async () => {
    const app = await start((one) => one.read('/thing', () => ({ body: 'body' })))
    let left = false
    async function* source() {
      try {
        yield url
        yield '/thing'
        yield url
      } finally {
        left = true
      }
    }
    const told: string[] = []
    const warming = app.warm(source(), { concurrency: 1, onProgress: (one) => void told.push(one.url) })
    const error = await warming.catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CacheConfigError)
    expect(told).to.deep.equal([url])
    await Promise.resolve()
    expect(left).to.equal(true)
  })

  it('to go on with what its source throws', async () => {
    const app = await start((one) => one.read('/thing', () => ({ body: 'body' })))
    const failure = new Error('no list')
    // biome-ignore lint/correctness/useYield: it fails before
    function* source(): Generator<string> {
      throw failure
    }
    expect(await app.warm(source()).catch((reason: unknown) => reason)).to.equal(failure)
  })

  it('a cache that was closed', async () => {
    const app = await start((one) => one.read('/thing', () => ({ body: 'body' })))
    await app.cache.close()
    const error = await app.warm([url]).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CacheConfigError).with.property('code', 'closed')
  })
})

describe('warm refuses what is no application', () => {
  for (const [name, warm] of [
    ['an Express application', createExpressCache().warm],
    ['a Koa application', createKoaCache().warm],
  ] as const) {
    it(`of ${name.split(' ')[1]}`, async () => {
      const error = await warm({} as never, [url]).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(CacheConfigError).with.property('message').that.includes(`to be ${name}`)
    })
  }
})

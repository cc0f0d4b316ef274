// Request headers in the key: those that `vary` names, and none besides.
import { expect } from 'chai'
import { overFrameworks, type ReadOptions } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'
import { expectApart, expectShared, type Sent, sendAll } from './pairs.ts'

const page = (headers: Record<string, string> = {}, method = 'GET'): Sent => ({ path: '/page', headers, method })

overFrameworks('the key of request headers', (harness) => {
  const start = starting(harness)
  const echo = (options?: ReadOptions) =>
    start((app) => {
      let runs = 0
      app.read('/page', () => ({ body: `run ${++runs}` }), '1m', options)
    })

  it('tells apart the values of a header that `vary` names, absence and emptiness included', async () => {
    await expectApart(await echo({ vary: ['Accept-Language', 'X-Tenant'] }), [
      page(),
      page({ 'accept-language': '' }),
      page({ 'accept-language': 'de' }),
      page({ 'accept-language': 'en' }),
      page({ 'accept-language': 'de', 'x-tenant': '1' }),
      page({ 'x-tenant': 'de' }),
      page({ 'x-tenant': '1, 2' }),
    ])
  })

  it('takes header names in any letter case, in the request and in `vary`', async () => {
    await expectShared(await echo({ vary: ['ACCEPT-Language'] }), [
      page({ 'accept-language': 'de' }),
      page({ 'Accept-Language': 'de' }),
      page({ 'ACCEPT-LANGUAGE': 'de' }),
    ])
  })

  // T44
  it('is the same for codings that are only spelled in another way, and for no others', async () => {
    const encoding = (value: string): Sent => page({ 'Accept-Encoding': value })
    const shared = ['gzip, br', 'br,gzip', 'GZIP;q=1.0, br', 'br;q=1, gzip;Q=1.000']
    await expectShared(await echo({ vary: ['accept-encoding'] }), shared.map(encoding))
    const apart = ['gzip, br', 'gzip', 'br', 'gzip;q=0, br', 'gzip;q=0;q=1, br', '"gzip, br"', '']
    await expectApart(await echo({ vary: ['accept-encoding'] }), [page(), ...apart.map(encoding)])
  })

  // T44
  it('is blind to every header that `vary` does not name', async () => {
    await expectShared(await echo({ vary: ['accept-language'] }), [
      page({ 'User-Agent': 'a', Accept: 'text/html', Cookie: 'sid=1', traceparent: '00-1', 'X-Request-Id': '1' }),
      page({ 'User-Agent': 'b', Accept: 'text/css', Cookie: 'sid=2', traceparent: '00-2', 'Accept-Encoding': 'br' }),
      page({ 'Cache-Control': 'no-cache', Pragma: 'no-cache', 'If-None-Match': '"other"' }),
    ])
  })

  // T42
  it('knows no header that a request did not send, whatever its name', async () => {
    const app = await echo({ vary: ['__proto__', 'constructor', 'toString'] })
    await expectShared(app, [page(), page()])
    await expectApart(app, [page({ constructor: 'a' }), page({ constructor: 'b' }), page({ tostring: 'a' })])
  })

  // T39
  it('is that of GET for HEAD', async () => {
    const app = await echo()
    const [, head] = await sendAll(app, [page(), page({}, 'HEAD')])
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
    expect(head!.headers['content-length']).to.equal('5')
  })

  // T33
  it('stays apart where the answer itself says Vary on what is covered', async () => {
    const app = await start((app) => {
      app.read(
        '/page',
        ({ headers }) => ({ headers: { Vary: 'Accept-Language' }, body: `in ${headers['accept-language']}` }),
        '1m',
        { vary: ['accept-language'] },
      )
    })
    await expectApart(app, [page({ 'Accept-Language': 'de' }), page({ 'Accept-Language': 'en' }), page()])
  })
})

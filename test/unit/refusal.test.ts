// Which requests may not meet the cache, and which ask to go around it.
import { expect } from 'chai'
import type { CacheRequest } from '../../src/http/exchange.ts'
import { readFlag, refusal } from '../../src/refusal.ts'
import { type CacheRouteOptions, createRoute } from '../../src/route.ts'
import { requestOf } from './fixtures/request.ts'

const route = (options: CacheRouteOptions<[]> = {}) => createRoute('1m', options)
const post = { methods: ['POST'], body: true } as const

describe('refusal', () => {
  const cases: [
    name: string,
    request: Partial<CacheRequest>,
    reason: string | undefined,
    options?: CacheRouteOptions<[]>,
  ][] = [
    ['a GET', {}, undefined],
    ['a HEAD', { method: 'HEAD' }, undefined],
    // T27
    ...['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'get'].map(
      (method): [string, Partial<CacheRequest>, string] => [`a ${method}`, { method }, 'method'],
    ),
    ['a GET where only POST meets the cache', {}, 'method', post],
    ['a HEAD where only POST meets the cache', { method: 'HEAD' }, 'method', post],
    // T29
    ['a Range', { headers: { range: 'bytes=0-0' } }, undefined],
    ['If-Match', { headers: { 'if-match': '"a"' } }, 'precondition'],
    ['If-Unmodified-Since', { headers: { 'if-unmodified-since': 'x' } }, 'precondition'],
    ['If-None-Match', { headers: { 'if-none-match': '"a"' } }, undefined],
    ['an upgrade', { headers: { upgrade: 'websocket' } }, 'upgrade'],
    // T30
    ['Authorization', { headers: { authorization: 'Basic x' } }, 'authorization'],
    ['an empty Authorization', { headers: { authorization: '' } }, 'authorization'],
    ['Authorization in the key', { headers: { authorization: 'a' } }, undefined, { vary: ['Authorization'] }],
    ['Authorization on a public route', { headers: { authorization: 'a' } }, undefined, { public: true }],
    ['a cookie', { headers: { cookie: 'session=1' } }, undefined],
    // T43
    ['a GET with a body', { headers: { 'content-length': '5' }, body: {} }, 'body'],
    ['a GET with a chunked body', { headers: { 'transfer-encoding': 'chunked' } }, 'body'],
    ['a GET that announces an empty body', { headers: { 'content-length': '0' } }, undefined],
    ['a body that is covered', { method: 'POST', headers: { 'content-length': '5' }, body: {} }, undefined, post],
    ['a body that nobody parsed', { method: 'POST', headers: { 'content-length': '5' } }, 'body', post],
    ['a POST without a body', { method: 'POST' }, undefined, post],
    // T85
    ['a client that wants no cache', { headers: { 'cache-control': 'no-cache', pragma: 'no-cache' } }, undefined],
  ]
  for (const [name, request, reason, options] of cases) {
    it(`${reason === undefined ? 'lets pass' : `says ${reason} to`} ${name}`, () => {
      expect(refusal(route(options), requestOf(request))).to.equal(reason)
    })
  }
})

// T37
describe('readFlag', () => {
  const yes = [
    '/?is_not_cache=1',
    '/?is_not_cache=true',
    '/?a=1&is_not_cache=1',
    '/?is%5Fnot_cache=1',
    '/?is_not_cache=0&is_not_cache=1',
  ]
  const no = [
    '/?is_not_cache',
    '/?is_not_cache=',
    '/?is_not_cache=0',
    '/?is_not_cache=false',
    '/?is_not_cache=0&is_not_cache=',
  ]
  const odd = [
    '/?is_not_cache=yes',
    '/?is_not_cache=TRUE',
    '/?is_not_cache=11',
    '/?is_not_cache=1x',
    '/?is_not_cache=0&is_not_cache=x',
  ]
  const absent = [
    '/',
    '/?',
    '/?xis_not_cache=1',
    '/?is_not_cachex=1',
    '/?is_not_cache[]=1',
    '/?IS_NOT_CACHE=1',
    '/is_not_cache=1',
    '/?a=is_not_cache=1',
    '/?a=%26is_not_cache=1',
  ]
  for (const [flag, urls] of Object.entries({ yes, no, odd, absent })) {
    for (const url of urls)
      it(`says ${flag} to ${url}`, () => expect(readFlag(route(), requestOf({ url }))).to.equal(flag))
  }

  const bodies: [body: unknown, flag: string][] = [
    [{ is_not_cache: '1' }, 'yes'],
    [{ is_not_cache: 1 }, 'yes'],
    [{ is_not_cache: true }, 'yes'],
    [{ is_not_cache: 'true' }, 'yes'],
    [{ is_not_cache: 'no' }, 'odd'],
    [{ is_not_cache: ['1'] }, 'odd'],
    [{}, 'absent'],
    [null, 'absent'],
    ['is_not_cache=1', 'absent'],
    [undefined, 'absent'],
  ]
  for (const [body, flag] of bodies) {
    it(`says ${flag} to the body ${JSON.stringify(body)}`, () => {
      expect(readFlag(route(post), requestOf({ body }))).to.equal(flag)
    })
  }

  it('does not look into a body that the route does not cover', () => {
    expect(readFlag(route(), requestOf({ body: { is_not_cache: '1' } }))).to.equal('absent')
  })

  it('knows the flag by the name it was given, and by no name when it is off', () => {
    const named = route({ bypass: { param: 'fresh' } })
    expect(readFlag(named, requestOf({ url: '/?fresh=1' }))).to.equal('yes')
    expect(readFlag(named, requestOf({ url: '/?is_not_cache=1' }))).to.equal('absent')
    expect(readFlag(route({ bypass: false }), requestOf({ url: '/?is_not_cache=1' }))).to.equal('absent')
  })

  // T42
  it('finds no flag in the prototype of a body', () => {
    const proto = route({ ...post, bypass: { param: 'constructor' } })
    expect(readFlag(proto, requestOf({ body: {} }))).to.equal('absent')
  })
})

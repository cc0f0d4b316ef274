// A request for warming as it is read: scheme, host, path and fields.
import { expect } from 'chai'
import { requestFields, type WarmRequest, warmTarget } from '../../../src/warm/warm-request.ts'

const common = new Map([
  ['host', ['common.test']],
  ['x-a', ['common']],
])

const cases: readonly [request: WarmRequest, scheme: string, host: string, path: string][] = [
  ['/a?b=1', 'http', 'common.test', '/a?b=1'],
  ['/a#b', 'http', 'common.test', '/a'],
  ['/ä b', 'http', 'common.test', '/%C3%A4%20b'],
  ['/a/../b', 'http', 'common.test', '/b'],
  ['/a//b', 'http', 'common.test', '/a//b'],
  ['http://shop.test', 'http', 'shop.test', '/'],
  ['https://shop.test/a?b', 'https', 'shop.test', '/a?b'],
  ['https://shop.test:443/a', 'https', 'shop.test', '/a'],
  ['https://SHOP.test:8443/a', 'https', 'shop.test:8443', '/a'],
  ['http://[::1]:3000/a', 'http', '[::1]:3000', '/a'],
  [new URL('https://shop.test/a'), 'https', 'shop.test', '/a'],
  [{ url: '/a', headers: { Host: 'own.test' } }, 'http', 'own.test', '/a'],
  [{ url: 'https://shop.test/a', headers: { Host: 'own.test' } }, 'https', 'shop.test', '/a'],
]

describe('a request for warming', () => {
  for (const [request, scheme, host, path] of cases) {
    const given = typeof request === 'string' || request instanceof URL ? String(request) : JSON.stringify(request)
    it(`reads ${given}`, () => {
      const target = warmTarget(request, common)
      expect([target.scheme, target.headers.get('host'), target.path]).to.deep.equal([scheme, [host], path])
    })
  }

  it('puts its own fields before those of all, and changes neither', () => {
    const { headers } = warmTarget({ url: '/a', headers: { 'X-A': 'own', 'X-B': ['1', '2'] } }, common)
    expect([...headers]).to.deep.equal([
      ['host', ['common.test']],
      ['x-a', ['own']],
      ['x-b', ['1', '2']],
    ])
    expect(common.get('x-a')).to.deep.equal(['common'])
  })

  it('has its fields in the forms that Node has of them', () => {
    const lines = new Map([
      ['host', ['a.test']],
      ['cookie', ['a=1', 'b=2']],
      ['accept', ['text/html', '*/*']],
    ])
    expect(requestFields(lines)).to.deep.equal({
      rawHeaders: ['host', 'a.test', 'cookie', 'a=1', 'cookie', 'b=2', 'accept', 'text/html', 'accept', '*/*'],
      headers: { host: 'a.test', cookie: 'a=1; b=2', accept: 'text/html, */*' },
      headersDistinct: { host: ['a.test'], cookie: ['a=1', 'b=2'], accept: ['text/html', '*/*'] },
    })
  })
})

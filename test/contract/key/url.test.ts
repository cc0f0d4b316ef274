// Path and query in the key: two requests share an answer only if no handler could tell them apart.
import { expect } from 'chai'
import { overFrameworks, type ReadOptions } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'
import { expectApart, expectShared, sendAll } from './pairs.ts'

overFrameworks('the key of a URL', (harness) => {
  const start = starting(harness)
  const echo = (options?: ReadOptions) =>
    start((app) => {
      let runs = 0
      app.read('/{*path}', ({ url }) => ({ body: `${url} ${++runs}` }), '1m', options)
    })

  const apart: readonly (readonly string[])[] = [
    // T41
    ['/a', '/b', '/a/', '/A', '//a', '/a//', '/./a', '/x/../a', '/%61', '/a%2F', '/a;v=1', '/a.json'],
    ['/a/b', '/a%2Fb', '/a%252Fb'],
    ['/__proto__', '/constructor', '/toString', '/hasOwnProperty'],
    // T39: no joint between two parts can be forged
    ['/a|b?c', '/a?b|c', '/a%3Fb|c'],
    ['/1:a', '/?1:a', '/1:?a'],
    ['/a?b=c', '/a?bc', '/ab?=c', '/a?b=c=', '/a?b==c'],
    // T40
    ['/?a=1', '/?a=2', '/?b=1', '/?a', '/?a=', '/'],
    ['/?a=1&a=2', '/?a=2&a=1', '/?a=1', '/?a=2', '/?a=1&a=1', '/?a=12'],
    ['/?a=1&b=2', '/?a=2&b=1', '/?a=1%26b=2', '/?a=1&b%3D2', '/?a=1;b=2'],
    ['/?a=%2B', '/?a=+', '/?a=%252B'],
    ['/?a=%2F', '/?a=%252F'],
    ['/?a=x', '/?A=x', '/?a=X'],
    ['/?a[]=1&a[]=2', '/?a[]=2&a[]=1', '/?a[]=1', '/?a=1&a=2'],
    ['/?a[0]=1&a[1]=2', '/?a[1]=1&a[0]=2'],
    ['/?a[b]=1&a[c]=2', '/?a[b]=2&a[c]=1', '/?a[b][c]=1', '/?a[b]=1'],
    ['/?a=1&a[b]=2', '/?a[b]=2&a=1'],
    ['/?a=%E4', '/?a=%C3%A4', '/?a=%', '/?a=%zz'],
    ['/?token=1', '/?token=2', '/?api_key=1', '/?sig=1', '/?session=1', '/?_=1', '/?utm_source=1', '/?v=1'],
    // What parsers count, cut off or trim is not ours to judge: such a target is taken as it stands.
    ['/?a=1', '/?a=1&', '/?&a=1', '/?a=1&&', '/?&', '/?&&', '/'],
    ['/?a=1&&b=2', '/?b=2&&a=1', '/?a=1&b=2'],
    ['/?id=5', '/?is_not_cache=0#&id=5', '/?#&id=5', '/?id=5#', '/#?id=5'],
    // T42
    ['/?__proto__=1', '/?__proto__=2', '/?__proto__', '/?constructor=1', '/?prototype=1', '/?__proto__[a]=1'],
    ['/?hasOwnProperty=1', '/?hasOwnProperty=2', '/?toString=1', '/?length=1'],
  ]
  for (const requests of apart) {
    it(`tells apart ${requests.join(' ')}`, async () => expectApart(await echo(), requests))
  }

  const shared: readonly (readonly string[])[] = [
    ['/?a=1&b=2', '/?b=2&a=1'],
    ['/?c=3&a=1&b=2&a=2', '/?a=1&a=2&b=2&c=3', '/?a=1&b=2&c=3&a=2'],
    ['/?a[]=1&b=0&a[]=2', '/?b=0&a[]=1&a[]=2'],
    ['/?a[b]=1&z&a[c]=2', '/?z&a[b]=1&a[c]=2'],
    ['/', '/?'],
    ['/?__proto__=1&a=2', '/?a=2&__proto__=1'],
  ]
  for (const requests of shared) {
    // T40
    it(`takes as one ${requests.join(' ')}`, async () => expectShared(await echo(), requests))
  }

  // T40: `qs` and `node:querystring` stop after 1,000 parts
  for (const [title, filler, options] of [
    ['nothing', '', {}],
    ['the flag', 'is_not_cache=0', {}],
    ['what is ignored', 'utm_x=1', { query: { ignore: ['utm_*'] } }],
    ['what is not allowed', 'x=1', { query: { allow: ['id', 'name'] } }],
  ] as const) {
    it(`cannot be forged by more parts than parsers read, made of ${title}`, async () => {
      const app = await echo(options)
      const many = `${filler}&`.repeat(1_000)
      await expectApart(app, ['/?id=5', `/?${many}id=5`, '/', `/?${many}`])
      await expectApart(app, [`/?${many}id=5&name=x`, `/?id=5&${many}name=x`, `/?name=x&${many}id=5`])
    })
  }

  it('keeps the order of more parameters than parsers read', async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => `p${at}=1`).join('&')
    await expectApart(await echo(), [`/?${many}&id=5`, `/?id=5&${many}`])
  })

  // T40
  it('leaves out the parameters that `query.ignore` names, in every form, and no others', async () => {
    const app = await echo({ query: { ignore: ['utm_*', 'ref'] } })
    await expectShared(app, [
      '/?a=1',
      '/?a=1&utm_source=x',
      '/?utm_=1&a=1&ref=2',
      '/?a=1&utm%5Fsource=y&ref[]=3&utm_x[y]=1',
    ])
    await expectApart(app, ['/?b=1', '/?b=1&utm=1', '/?b=1&refer=1', '/?b=1&Ref=1', '/?b=1&xutm_a=1', '/?b=1&utm*=1'])
  })

  // T40
  it('covers only the parameters that `query.allow` names, in every form', async () => {
    const app = await echo({ query: { allow: ['page', 'filter*'] } })
    await expectShared(app, ['/?page=1', '/?page=1&other=2', '/?x[page]=3&page=1', '/?page=1&Page=2'])
    await expectApart(app, ['/?page=2', '/?pag%65=3', '/?page[]=2', '/?filter=1', '/?filters=1', '/?filter[a]=1'])
  })

  it('covers no parameter where `query.allow` is empty', async () => {
    await expectShared(await echo({ query: { allow: [] } }), ['/', '/?a=1', '/?b=2&a=1'])
  })

  // T39
  it('tells routes apart whose names and paths join to the same text', async () => {
    const app = await start((app) => {
      app.read('/x/y', () => ({ body: 'the one' }), '1m', { name: '/x' })
      app.read('/y', () => ({ body: 'the other' }), '1m', { name: '/x/x' })
    })
    await expectApart(app, ['/x/y', '/y'])
  })

  // T46
  it('is of one length for any URL, and tells long ones apart to their last character', async () => {
    const app = await echo()
    const long = `/${'p'.repeat(3_000)}?a=${'x'.repeat(6_000)}`
    await expectApart(app, [`${long}1`, `${long}2`, `${long}`])
    await sendAll(app, ['/short'])
    for (const { key } of eventsOf(app, 'request')) expect(key).to.match(/^[\w-]{43}$/)
  })
})

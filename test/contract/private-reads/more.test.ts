// What else is private to who asks: paths that the user adds, for one route or for all.
import { expect } from 'chai'
import { CacheConfigError } from '../../../src/errors.ts'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import { get } from '../../support/http-client.ts'
import { type Native, overSides, runs, type Setup, type Step, told } from './sides.ts'

const tenant: Step = ({ req, subject }, next) => {
  req.tenant = { id: 7, plan: { name: 'free' } }
  subject.state ??= {}
  subject.state.account = 'ann'
  return next()
}

overSides('a path in `privateReads`', (side, start) => {
  const cases: Readonly<Record<string, (native: Native) => unknown>> = {
    'req.tenant': ({ req }) => req.tenant.id,
    'req.tenant.id': ({ req }) => req.tenant.id,
    'req.absent': ({ req }) => req.absent,
    'req.absent.id': ({ req }) => req.absent?.id,
    'req.headers.x-tenant': ({ req }) => req.headers['x-tenant'],
    ...(side.name === 'Express'
      ? { 'res.locals.user': ({ res }: Native) => res.locals.user }
      : {
          'ctx.state.account': ({ ctx }: Native) => ctx.state.account,
          'ctx.tenant': ({ ctx }: Native) => ctx.tenant,
        }),
  }
  for (const [path, read] of Object.entries(cases)) {
    it(`makes a handler that reads it private: ${path}`, async () => {
      const setup: Setup = { before: [tenant], handler: (native) => `page ${read(native)}` }
      const without = await start(setup)
      await get(without.port, '/page')
      expect(runs(without)).to.deep.equal(['stored'])
      const app = await start({ ...setup, options: { privateReads: [path] } })
      await get(app.port, '/page')
      expect([runs(app), told(app)]).to.deep.equal([['private-read'], [path]])
    })

    it(`counts for every route where the cache has it: ${path}`, async () => {
      const app = await start({
        before: [tenant],
        cache: { privateReads: [path] },
        handler: (native) => `page ${read(native)}`,
      })
      await get(app.port, '/page')
      expect(runs(app)).to.deep.equal(['private-read'])
    })

    it(`is covered by \`varyBy\`: ${path}`, async () => {
      const options = { privateReads: [path], varyBy: read }
      const app = await start({ before: [tenant], options, handler: (native) => `page ${read(native)}` })
      await get(app.port, '/page')
      expect(runs(app)).to.deep.equal(['stored'])
    })
  }

  it('takes nothing from what is always watched', async () => {
    const app = await start({
      options: { privateReads: ['req.tenant'] },
      handler: ({ req }) => `page ${req.session}`,
    })
    await get(app.port, '/page')
    expect(told(app)).to.deep.equal(['req.session'])
  })

  it('does not count where another member is read', async () => {
    const options = { privateReads: ['req.tenant.id', 'req.headers.X-Tenant'] }
    const app = await start({
      before: [tenant],
      options,
      handler: ({ req }) => `page ${req.tenant.plan.name} ${req.headers.host}`,
    })
    await get(app.port, '/page')
    expect(runs(app)).to.deep.equal(['stored'])
  })
})

describe('the option `privateReads`', () => {
  const wrong: readonly [unknown, string][] = [
    ['req.user', 'Expected `privateReads` to be an array of paths, got "req.user"'],
    [['user'], "Expected `privateReads` to be paths such as 'req.tenant' or 'ctx.state.account', got \"user\""],
    [['req'], "Expected `privateReads` to be paths such as 'req.tenant' or 'ctx.state.account', got \"req\""],
    [['req.'], "Expected `privateReads` to be paths such as 'req.tenant' or 'ctx.state.account', got \"req.\""],
    [
      ['req.a.b.c'],
      "Expected `privateReads` to be paths such as 'req.tenant' or 'ctx.state.account', got \"req.a.b.c\"",
    ],
    [
      ['req.headers.a b'],
      "Expected `privateReads` to be paths such as 'req.tenant' or 'ctx.state.account', got \"req.headers.a b\"",
    ],
    [[7], "Expected `privateReads` to be paths such as 'req.tenant' or 'ctx.state.account', got 7"],
  ]
  for (const [value, message] of wrong) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      for (const createCache of [createExpressCache, createKoaCache]) {
        const privateReads = value as string[]
        expect(() => createCache().cacheRoute('1m', { privateReads })).to.throw(CacheConfigError, message)
        expect(() => createCache({ privateReads })).to.throw(CacheConfigError, message)
      }
    })
  }

  it('refuses on Express what only Koa has', () => {
    const privateReads = ['ctx.state.account']
    const message = 'Expected `privateReads` to be paths that begin with req or res, got "ctx.state.account"'
    expect(() => createExpressCache().cacheRoute('1m', { privateReads })).to.throw(CacheConfigError, message)
    expect(() => createExpressCache({ privateReads })).to.throw(CacheConfigError, message)
    expect(() => createKoaCache({ privateReads }).cacheRoute('1m', { privateReads })).to.not.throw()
  })
})

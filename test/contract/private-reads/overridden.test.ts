// Who knows better says so: the route by `public`, the handler by its `Cache-Control`; and where header fields decide, they decide alone.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { type Native, overSides, runs, told } from './sides.ts'

overSides('a private reading', (_side, start) => {
  const read = ({ req }: Native) => `page ${req.headers.cookie === undefined} ${req.session === undefined}`
  const answering =
    (name: string, value: string) =>
    (native: Native): string => {
      native.res.setHeader(name, value)
      return read(native)
    }

  it('makes no difference on a route that is `public`', async () => {
    const app = await start({ options: { public: true }, handler: read })
    await get(app.port, '/page', { Cookie: 'a' })
    expect(runs(app)).to.deep.equal(['stored'])
    expect(told(app)).to.deep.equal([])
  })

  it('changes nothing of the request on a route that is `public`', async () => {
    let prototype: object | undefined
    const app = await start({
      options: { public: true },
      before: [
        ({ req }, next) => {
          prototype = Object.getPrototypeOf(req)
          return next()
        },
      ],
      handler: ({ req }) => `${Object.getPrototypeOf(req) === prototype}`,
    })
    expect((await get(app.port, '/page')).text).to.equal('true')
  })

  it('makes no difference where header fields decide', async () => {
    const app = await start({ options: { honour: 'headers' }, handler: answering('Cache-Control', 'max-age=60') })
    await get(app.port, '/page', { Cookie: 'a' })
    expect(runs(app)).to.deep.equal(['stored'])
  })

  for (const value of ['public', 'Public, max-age=60', 's-maxage=60', 'max-age=0, s-maxage=60']) {
    it(`makes no difference where the handler says ${value}`, async () => {
      const app = await start({ handler: answering('Cache-Control', value) })
      await get(app.port, '/page', { Cookie: 'a' })
      expect(runs(app)).to.deep.equal(['stored'])
      expect(told(app)).to.deep.equal([])
    })
  }

  for (const value of ['max-age=60', 'x-public', 'extension="public"', 'immutable']) {
    it(`still counts where the handler says ${value}`, async () => {
      const app = await start({ handler: answering('Cache-Control', value) })
      await get(app.port, '/page', { Cookie: 'a' })
      expect(runs(app)).to.deep.equal(['private-read'])
    })
  }

  it('still counts where only something before the cache says that all answers are public', async () => {
    const app = await start({
      before: [
        ({ res }, next) => {
          res.setHeader('Cache-Control', 'public, max-age=60')
          return next()
        },
      ],
      handler: read,
    })
    await get(app.port, '/page', { Cookie: 'a' })
    expect(runs(app)).to.deep.equal(['private-read'])
  })

  it('is not named where something else forbids storing', async () => {
    const app = await start({ handler: answering('Set-Cookie', 'a=1') })
    await get(app.port, '/page')
    expect(runs(app)).to.deep.equal(['set-cookie'])
    expect(told(app)).to.deep.equal([])
  })
})

// While it is watched, the request behaves as it does without a cache; afterwards nothing of the watch is left on it.
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { get, getAndLeave } from '../../support/http-client.ts'
import { type Native, overSides, type Step, told } from './sides.ts'

/** Everything that is replaced during a run, as it is seen from outside. */
function shape({ req, res, subject }: Native): unknown {
  const objects = { req, res, subject, headers: req.headers, state: subject.state ?? res.locals }
  return Object.values(objects).map((object: object) => ({
    prototype: Object.getPrototypeOf(object),
    object,
    own: Object.fromEntries(
      ['headers', 'rawHeaders', 'cookies', 'session', 'user', 'res', 'state', 'locals', 'cookie'].map((name) => [
        name,
        Object.getOwnPropertyDescriptor(object, name),
      ]),
    ),
  }))
}

const signIn: Step = ({ req, subject }, next) => {
  req.session = { user: 'ann' }
  subject.state ??= {}
  subject.state.user = 'ann'
  Object.defineProperty(req, 'user', { configurable: true, enumerable: true, get: () => 'ann', set: () => undefined })
  return next()
}

overSides('a watched request', (side, start) => {
  /** Starts an application that notes the shape of the request before and after. */
  async function shapes(handler: (native: Native) => unknown, before: readonly Step[] = []) {
    const seen: { was?: unknown; is(): unknown } = { is: () => undefined }
    const app = await start({
      before: [
        ...before,
        (native, next) => {
          seen.was = shape(native)
          seen.is = () => shape(native)
          return next()
        },
      ],
      handler,
    })
    return { app, seen }
  }

  const handlers: Readonly<Record<string, (native: Native) => unknown>> = {
    'an answer': ({ req }) => `page ${req.session} ${req.headers.cookie}`,
    'an answer without readings': () => 'page',
    'a failure': ({ req }) => {
      throw new Error(`failed ${req.session}`)
    },
    'a rejection': async ({ req }) => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error(`failed ${req.session}`)
    },
    'an answer that it writes itself': ({ res, ctx }) => {
      if (ctx !== undefined) ctx.respond = false
      res.end('page')
    },
  }
  for (const [what, handler] of Object.entries(handlers)) {
    for (const [who, before] of Object.entries({ 'a guest': [], 'a member': [signIn] })) {
      it(`is as it was after ${what} to ${who}`, async () => {
        const { app, seen } = await shapes(handler, before)
        await get(app.port, '/page', { Cookie: 'a=1' })
        expect(seen.is()).to.deep.equal(seen.was)
      })
    }
  }

  it('is as it was after its client left', async () => {
    const { app, seen } = await shapes(
      async ({ req, res }) => {
        leave()
        await new Promise((resolve) => res.once('close', resolve))
        return `page ${req.session}`
      },
      [signIn],
    )
    const leave = getAndLeave(app.port, '/page')
    await eventually(() => expect(app.events.some(({ type }) => type === 'run')).to.equal(true))
    expect(seen.is()).to.deep.equal(seen.was)
  })

  it('keeps what the handler did to it', async () => {
    let after: unknown
    const app = await start({
      before: [
        signIn,
        async ({ req, res, subject }, next) => {
          res.on('finish', () => {
            const names = ['session', 'cookies'].map((name) => Object.getOwnPropertyDescriptor(req, name))
            after = [...names, Object.hasOwn(req, 'user'), subject.state, req.headers.accept, req.headers.cookie]
          })
          await next()
        },
      ],
      handler: ({ req, subject }) => {
        req.session = { user: 'bob' }
        req.cookies = { a: '1' }
        delete req.user
        subject.state = { own: true }
        req.headers.accept = 'text/x-own'
        delete req.headers.cookie
        return 'page'
      },
    })
    await get(app.port, '/page', { Cookie: 'a=1' })
    const data = { configurable: true, enumerable: true, writable: true }
    await eventually(() =>
      expect(after).to.deep.equal([
        { ...data, value: { user: 'bob' } },
        { ...data, value: { a: '1' } },
        false,
        { own: true },
        'text/x-own',
        undefined,
      ]),
    )
  })

  const questions: Readonly<Record<string, (native: Native) => unknown>> = {
    'has no property that is not there': ({ req, subject }) => [
      ['cookies', 'signedCookies', 'session'].map((name) => [name in req, Object.hasOwn(req, name), name in subject]),
      ['cookie', 'authorization'].map((name) => [name in req.headers, Object.hasOwn(req.headers, name)]),
    ],
    'has the same keys': ({ req, subject }) => [
      Object.keys(req),
      Object.keys(subject),
      Object.keys(req.headers),
      Object.keys(req.headersDistinct),
      Reflect.ownKeys(req.headers),
    ],
    'is spelt the same': ({ req, ctx }) => [
      JSON.stringify(req.headers),
      JSON.stringify(req.headersDistinct),
      JSON.stringify(req.rawHeaders),
      ctx === undefined ? '' : JSON.stringify(ctx),
    ],
    'is of the same kind': ({ req }) => [
      req.constructor.name,
      Object.getPrototypeOf(req.headers) === Object.prototype,
      Object.prototype.toString.call(req),
      req instanceof Object.getPrototypeOf(req).constructor,
    ],
    'has the same headers each time': ({ req, ctx }) => [
      // biome-ignore lint/suspicious/noSelfCompare: a getter could give another object each time.
      req.headers === req.headers,
      // biome-ignore lint/suspicious/noSelfCompare: the same.
      ctx === undefined || (ctx.headers === ctx.req.headers && ctx.state === ctx.state),
    ],
    'has headers that can be copied': ({ req }) => [
      { ...req.headers },
      Object.entries(req.headers),
      new Headers(req.headers as never).get('host') !== null,
    ],
    assigns: ({ req }) => {
      req.session = 1
      req.session += 1
      req.cookies ??= { a: 1 }
      return [req.session, Object.keys(req).includes('session'), req.cookies, delete req.session, 'session' in req]
    },
    'lets those that inherit from it have properties of their own': ({ req }) => {
      const child = Object.create(req) as Record<string, unknown>
      child.session = 'child'
      child.cookies = 'child'
      return [child.session, Object.keys(child), Object.hasOwn(req, 'session'), req.session, req.cookies]
    },
    'lets others define properties': ({ req }) => {
      Object.defineProperty(req, 'session', { configurable: true, enumerable: true, get: () => 'defined' })
      return [req.session, Object.getOwnPropertyDescriptor(req, 'session')?.set]
    },
    'writes headers': ({ req }) => {
      req.headers.cookie = 'b=2'
      req.headers['x-own'] = '1'
      delete req.headers.authorization
      const had = [req.headers.cookie, Object.keys(req.headers)]
      req.headers = { cookie: 'c=3' }
      return [had, req.headers.cookie, Object.keys(req.headers)]
    },
  }
  for (const [what, ask] of Object.entries(questions)) {
    it(what, async () => {
      const answers = await Promise.all(
        [true, false].map(async (isPublic) => {
          const app = await start({ options: { public: isPublic }, handler: (native) => JSON.stringify(ask(native)) })
          const { text } = await get(app.port, '/page', { Host: 'x', Accept: 'text/html' })
          return text
        }),
      )
      expect(answers[1]).to.equal(answers[0])
      expect(answers[1]).to.match(/^\[/)
    })
  }

  it(`calls getters with the object that was asked`, async () => {
    const app = await start({
      before: [
        ({ req, subject }, next) => {
          const descriptor = {
            configurable: true,
            get(this: unknown) {
              return [this === req, this === subject]
            },
          }
          Object.defineProperty(req, 'session', descriptor)
          Object.setPrototypeOf(req, Object.create(Object.getPrototypeOf(req), { cookies: descriptor }))
          return next()
        },
      ],
      handler: ({ req }) => JSON.stringify([req.session, req.cookies]),
    })
    const expected = side.name === 'Express' ? [true, true] : [true, false]
    expect(JSON.parse((await get(app.port, '/page')).text)).to.deep.equal([expected, expected])
    expect(told(app)).to.deep.equal(['req.session', 'req.cookies'])
  })

  it('counts as read what cannot be watched', async () => {
    const app = await start({
      before: [
        ({ req }, next) => {
          Object.defineProperty(req, 'user', { value: 'ann' })
          return next()
        },
      ],
      handler: () => 'page',
    })
    await get(app.port, '/page')
    expect(told(app)).to.deep.equal(['req.user'])
  })

  it('counts as read what a run puts out of sight', async () => {
    const app = await start({
      handler: ({ req }) => {
        Object.defineProperty(req, 'user', { configurable: true, value: 'ann' })
        return `page ${req.user}`
      },
    })
    await get(app.port, '/page')
    expect(told(app)).to.deep.equal(['req.user'])
  })
})

// Only the handler's own readings count: not those of what stands before the cache, of the cache itself, nor of what comes after the head.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { deferred, eventually } from '../../support/gate.ts'
import { get, getAndLeave } from '../../support/http-client.ts'
import { type Native, overSides, runs, told } from './sides.ts'

const readAll = ({ req, res }: Native) =>
  `${req.headers.cookie} ${req.headers.authorization} ${req.cookies} ${req.session} ${req.user} ${res.statusCode}`

async function* pieces(native: Native) {
  yield 'begun '
  yield `read ${typeof readAll(native)}`
}

overSides('what others read', (side, start) => {
  it('does not count before the cache, nor after it', async () => {
    const app = await start({
      before: [
        async (native, next) => {
          readAll(native)
          const { end, writeHead } = native.res
          native.res.end = ((...args: Parameters<typeof end>) => {
            readAll(native)
            return Reflect.apply(end, native.res, args)
          }) as typeof end
          native.res.writeHead = ((...args: Parameters<typeof writeHead>) => {
            readAll(native)
            return Reflect.apply(writeHead, native.res, args)
          }) as typeof writeHead
          native.res.on('finish', () => readAll(native))
          await next()
          if (side.name === 'Koa') readAll(native)
        },
      ],
      handler: () => 'page',
    })
    await get(app.port, '/page', { Cookie: 'a=1' })
    expect(runs(app)).to.deep.equal(['stored'])
    expect(told(app)).to.deep.equal([])
  })

  it('does not count in the functions of the route', async () => {
    const app = await start({
      options: {
        varyBy: readAll,
        tags: (native) => [readAll(native)],
        storable: () => true,
      },
      handler: () => 'page',
    })
    await get(app.port, '/page', { Cookie: 'a=1' })
    expect(runs(app)).to.deep.equal(['stored'])
  })

  it('does not count once the head has crossed our place', async () => {
    const app = await start({
      handler: (native) => {
        // On Koa a stream that is read when the middleware has returned, on Express bytes after the first.
        if (side.name === 'Koa') return Readable.from(pieces(native))
        native.res.write('begun ')
        readAll(native)
        setImmediate(() => native.res.end(`read ${typeof readAll(native)}`))
        return undefined
      },
    })
    expect((await get(app.port, '/page', { Cookie: 'a=1' })).text).to.equal('begun read string')
    expect(runs(app)).to.deep.equal(['stored'])
  })

  it('does not count of one request for another', async () => {
    const gates = [deferred(), deferred()]
    const app = await start({
      handler: async ({ req }) => {
        const isPrivate = req.url!.endsWith('?private')
        if (isPrivate) gates[0]!.resolve()
        await (isPrivate ? gates[1]!.promise : gates[0]!.promise)
        return isPrivate ? `${req.session}` : 'page'
      },
    })
    const all = [get(app.port, '/page?private'), get(app.port, '/page')]
    await all[1]
    gates[1]!.resolve()
    await all[0]
    expect(runs(app)).to.deep.equal(['stored', 'private-read'])
  })

  it('does not count where the framework looks for other things', async () => {
    const app = await start({
      handler: ({ req, ctx, res }) => {
        if (side.name === 'Koa') {
          const { protocol, host, ip, query, fresh, secure, subdomains, origin } = ctx
          ctx.type = 'html'
          ctx.vary('Accept')
          return [
            protocol,
            host,
            ip,
            query,
            fresh,
            secure,
            subdomains,
            origin,
            ctx.accepts('html'),
            ctx.is('json'),
          ].join()
        }
        const { protocol, host, ip, query, fresh, secure, subdomains, xhr } = req as Record<string, unknown>
        res.vary('Accept')
        const known = [protocol, host, ip, Object.keys(query as object), fresh, secure, subdomains, xhr]
        return [
          ...known,
          req.accepts('html'),
          req.is('json'),
          req.get('x-forwarded-for'),
          req.headersDistinct.host,
        ].join()
      },
    })
    await get(app.port, '/page', { Cookie: 'a=1', Accept: 'text/html' })
    expect(told(app)).to.deep.equal([])
    expect(runs(app)).to.deep.equal(['stored'])
  })

  it('leaves the client’s validators hidden and the answer conditional', async () => {
    const app = await start({ handler: ({ req }) => `page ${req.headers['if-none-match']}` })
    const first = await get(app.port, '/page', { 'If-None-Match': '"other"' })
    expect(first.text).to.equal('page undefined')
    expect((await get(app.port, '/page', { 'If-None-Match': first.headers.etag! })).status).to.equal(304)
  })

  it('does not count of a client that left: its answer is kept', async () => {
    const gate = deferred()
    const entered = deferred()
    const app = await start({
      handler: async () => {
        entered.resolve()
        await gate.promise
        return 'page'
      },
    })
    const leave = getAndLeave(app.port, '/page')
    await entered.promise
    leave()
    gate.resolve()
    await eventually(() => expect(runs(app)).to.deep.equal(['stored']))
  })

  it('counts although the client left', async () => {
    const gate = deferred()
    const entered = deferred()
    const app = await start({
      handler: async ({ req }) => {
        entered.resolve()
        await gate.promise
        return `page ${req.user}`
      },
    })
    const leave = getAndLeave(app.port, '/page')
    await entered.promise
    leave()
    gate.resolve()
    await eventually(() => expect(runs(app)).to.deep.equal(['private-read']))
  })
})

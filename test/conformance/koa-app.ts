// The application under test on Koa: the cache, and a handler that relays to the origin.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import Koa, { type Context } from 'koa'
import { createCache } from '../../src/koa.ts'
import type { Relay } from './configuration.ts'
import { forward, relayedFields } from './forward.ts'
import { type Honour, TTL } from './honour.ts'

/** @param honour undefined = no cache */
export function createKoaApp(port: number, relay: Relay, honour: Honour | undefined): Server {
  const app = new Koa()
  // A body that is broken off is part of some tests.
  app.silent = true
  if (honour !== undefined) app.use(createCache().cacheRoute(TTL, { honour }))
  app.use(async (ctx) => {
    const answer = await forward(ctx.req, ctx.res, port).catch(() => undefined)
    if (answer === undefined) ctx.status = 502
    else await send(answer, ctx, relay)
  })
  return createServer(app.callback())
}

/** Koa adds and drops fields with status and body: the origin's own come last. */
async function send(answer: IncomingMessage, ctx: Context, relay: Relay): Promise<void> {
  ctx.status = answer.statusCode ?? 502
  ctx.message = answer.statusMessage ?? ''
  ctx.body = relay === 'buffered' ? await buffer(answer) : answer
  ctx.remove('Content-Type')
  ctx.remove('Content-Length')
  for (const [name, lines] of relayedFields(answer)) ctx.set(name, lines.length === 1 ? lines[0]! : lines)
}

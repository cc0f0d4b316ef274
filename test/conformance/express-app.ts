// The application under test on Express: the cache, and a handler that relays to the origin.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import express from 'express'
import { createCache } from '../../src/express.ts'
import type { Relay } from './configuration.ts'
import { forward, relayedFields } from './forward.ts'
import { type Honour, TTL } from './honour.ts'

/** @param honour undefined = no cache */
export function createExpressApp(port: number, relay: Relay, honour: Honour | undefined): Server {
  const app = express().disable('x-powered-by').disable('etag')
  if (honour !== undefined) app.use(createCache().cacheRoute(TTL, { honour }))
  app.use(async (req, res) => {
    const answer = await forward(req, res, port).catch(() => undefined)
    if (answer === undefined) res.status(502).end()
    else await send(answer, res, relay)
  })
  return createServer(app)
}

async function send(answer: IncomingMessage, res: ServerResponse, relay: Relay): Promise<void> {
  res.statusCode = answer.statusCode ?? 502
  res.statusMessage = answer.statusMessage ?? ''
  for (const [name, lines] of relayedFields(answer)) res.setHeader(name, lines.length === 1 ? lines[0]! : lines)
  if (relay === 'buffered') res.end(await buffer(answer))
  else await pipeline(answer, res).catch(() => undefined)
}

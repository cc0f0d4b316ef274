// One application with a guard, on Express and on Koa.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import express from 'express'
import Koa from 'koa'
import { guard as expressGuard } from '../../../src/express.ts'
import type { BloomFilter } from '../../../src/guard/bloom/filter.ts'
import type { FilterId } from '../../../src/guard/bloom/ids.ts'
import { guard as koaGuard } from '../../../src/koa.ts'
import type { MaybePromise } from '../../../src/maybe.ts'

/** What names ids, and the handlers; each sees the request's parameter and says which status it has. */
export interface Site {
  readonly idOf?: (id: string) => MaybePromise<FilterId | undefined>
  readonly idsOf?: (id: string) => MaybePromise<FilterId | readonly FilterId[] | undefined>
  readonly write?: (id: string) => MaybePromise<number>
  /** Sends the write's answer in parts. */
  readonly streams?: boolean
}

/** The application, listening: `GET /users/:id` behind the guard, `PUT /users/:id` behind what adds. */
export interface OpenSite {
  readonly port: number
  /** Ids whose handler ran. */
  readonly read: string[]
  stop(): Promise<void>
}

/** A framework's way to such an application. */
export interface Framework {
  readonly name: string
  readonly guard: { add: unknown }
  open(filter: BloomFilter, site?: Site): Promise<OpenSite>
}

const same = (id: string) => id

/** Express, with real sockets. */
export const onExpress: Framework = {
  name: 'Express',
  guard: expressGuard,
  open(filter, { idOf = same, idsOf = same, write = () => 201, streams = false } = {}) {
    const app = express()
    const read: string[] = []
    app.get(
      '/users/:id',
      expressGuard(filter, (req) => idOf(String(req.params.id))),
      (req, res) => {
        read.push(String(req.params.id))
        res.json({ id: req.params.id })
      },
    )
    app.put(
      '/users/:id',
      expressGuard.add(filter, (req) => idsOf(String(req.params.id))),
      async (req, res) => {
        res.status(await write(String(req.params.id)))
        if (streams) res.write('made ')
        res.end('done')
      },
    )
    return listening(app.listen(0, '127.0.0.1'), read)
  },
}

/** Koa, with real sockets. */
export const onKoa: Framework = {
  name: 'Koa',
  guard: koaGuard,
  open(filter, { idOf = same, idsOf = same, write = () => 201, streams = false } = {}) {
    const router = new Router()
    const read: string[] = []
    router.get(
      '/users/:id',
      koaGuard(filter, (ctx) => idOf(ctx.params.id)),
      (ctx) => {
        read.push(ctx.params.id!)
        ctx.body = { id: ctx.params.id }
      },
    )
    router.put(
      '/users/:id',
      koaGuard.add(filter, (ctx) => idsOf(ctx.params.id)),
      async (ctx) => {
        ctx.status = await write(ctx.params.id!)
        if (!streams) {
          ctx.body = 'done'
          return
        }
        ctx.respond = false
        ctx.res.statusCode = ctx.status
        ctx.res.write('made ')
        ctx.res.end('done')
      },
    )
    const app = new Koa()
    app.silent = true
    app.use(router.routes())
    return listening(app.listen(0, '127.0.0.1'), read)
  },
}

async function listening(server: Server, read: string[]): Promise<OpenSite> {
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    read,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

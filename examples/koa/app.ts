/** The countries API on Koa: three cached reads, two writes that invalidate what they change. */
import { json } from 'node:stream/consumers'
import { Router } from '@koa/router'
import Koa, { type Context, type Next } from 'koa'
import type { KoaCache } from '../../src/koa.ts'
import type { Catalog, Row } from '../shared/catalog.ts'
import { InputError, readFilter, readText } from '../shared/input.ts'
import { countryTag } from '../shared/tags.ts'

export interface Parts {
  catalog: Catalog
  cache: KoaCache
}

/** Builds the app; whoever calls it listens and closes. */
export function createApp({ catalog, cache: { cacheRoute, invalidate } }: Parts) {
  const router = new Router()

  // Mounted once: every read below /regions is cached; the name is what writes invalidate.
  router.use('/regions', cacheRoute('5m', { name: '/regions' }))
  router.get('/regions/stats', async (ctx) => {
    ctx.body = await catalog.regions()
  })

  // On a single route: its pattern, /countries, is its tag.
  router.get('/countries', cacheRoute('5m'), async (ctx) => {
    ctx.body = await catalog.list(readFilter(ctx.query))
  })

  // With tags: a write to one country leaves the others cached.
  router.get('/countries/:code', cacheRoute('5m', { tags: (ctx) => [countryTag(ctx.params.code)] }), async (ctx) => {
    sendFound(ctx, await catalog.find(String(ctx.params.code)))
  })

  // Targets are names, or functions of the request.
  router.put(
    '/countries/:code',
    invalidate('/countries', (ctx) => countryTag(ctx.params.code)),
    async (ctx) => {
      sendFound(ctx, await catalog.setCapital(String(ctx.params.code), await readBody(ctx, 'capital')))
    },
  )

  router.post(
    '/countries/:code/notes',
    invalidate('/regions', (ctx) => countryTag(ctx.params.code)),
    async (ctx) => {
      sendFound(ctx, await catalog.addNote(String(ctx.params.code), await readBody(ctx, 'text')), 201)
    },
  )

  return new Koa().use(sendError).use(router.routes()).use(router.allowedMethods())
}

async function readBody(ctx: Context, name: string): Promise<string> {
  const body = await json(ctx.req).catch(() => {
    throw new InputError('The body is no JSON')
  })
  return readText(body, name)
}

function sendFound(ctx: Context, row: Row | undefined, status = 200): void {
  ctx.status = row === undefined ? 404 : status
  ctx.body = row ?? { error: 'No such country' }
}

async function sendError(ctx: Context, next: Next): Promise<void> {
  try {
    await next()
  } catch (error) {
    const { status, message } = error as Error & { status?: number }
    ctx.status = status ?? 500
    ctx.body = { error: message }
  }
}

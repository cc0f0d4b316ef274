/** The countries API on Express: three cached reads, two writes that invalidate what they change. */
import express, { type NextFunction, type Request, type Response } from 'express'
import type { ExpressCache } from '../../src/express.ts'
import type { Catalog, Row } from '../shared/catalog.ts'
import { readFilter, readText } from '../shared/input.ts'
import { countryTag } from '../shared/tags.ts'

export interface Parts {
  catalog: Catalog
  cache: ExpressCache
}

/** Builds the app; whoever calls it listens and closes. */
export function createApp({ catalog, cache: { cacheRoute, invalidate } }: Parts) {
  const app = express()
  app.use(express.json())

  // Mounted once: every read below /regions is cached and can be invalidated by that name.
  app.use('/regions', cacheRoute('5m'))
  app.get('/regions/stats', async (_req, res) => {
    res.json(await catalog.regions())
  })

  // On a single route: its pattern, /countries, is its tag.
  app.get('/countries', cacheRoute('5m'), async (req, res) => {
    res.json(await catalog.list(readFilter(req.query)))
  })

  // With tags: a write to one country leaves the others cached.
  app.get('/countries/:code', cacheRoute('5m', { tags: (req) => [countryTag(req.params.code)] }), async (req, res) => {
    sendFound(res, await catalog.find(String(req.params.code)))
  })

  // Targets are names, or functions of the request.
  app.put(
    '/countries/:code',
    invalidate('/countries', (req) => countryTag(req.params.code)),
    async (req, res) => {
      sendFound(res, await catalog.setCapital(String(req.params.code), readText(req.body, 'capital')))
    },
  )

  app.post(
    '/countries/:code/notes',
    invalidate('/regions', (req) => countryTag(req.params.code)),
    async (req, res) => {
      sendFound(res, await catalog.addNote(String(req.params.code), readText(req.body, 'text')), 201)
    },
  )

  app.use(sendError)
  return app
}

function sendFound(res: Response, row: Row | undefined, status = 200): void {
  if (row === undefined) res.status(404).json({ error: 'No such country' })
  else res.status(status).json(row)
}

function sendError(error: Error & { status?: number }, _req: Request, res: Response, _next: NextFunction): void {
  res.status(error.status ?? 500).json({ error: error.message })
}

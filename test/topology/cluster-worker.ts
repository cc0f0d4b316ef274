// One worker of a `node:cluster` fleet: a real Express application before the common database, on the port that all workers share.
import cluster from 'node:cluster'
import express from 'express'
import { createCache } from '../../src/express.ts'
import { get, send } from '../support/http-client.ts'

const [, , redis = '', originPort] = process.argv
const origin = Number(originPort)
const cache = createCache({ redis, budget: '5s' })
await cache.ready()

const app = express()
app.set('etag', false)
app.use((_req, res, next) => {
  res.set('X-Worker', `${cluster.worker?.id}`)
  next()
})
app.get('/things/:id', cache.cacheRoute('5m', { tags: (req) => `thing:${req.params.id}` }), async (req, res) => {
  res.send((await get(origin, req.url)).text)
})
app.put(
  '/things/:id',
  cache.invalidate((req) => `thing:${req.params.id}`),
  async (req, res) => {
    res.send((await send(origin, req.url, { method: 'PUT' })).text)
  },
)
// The primary hands out one port for all who ask for any.
const server = app.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as { port: number }).port }))

process.on('message', async (message) => {
  if (message !== 'stop') return
  // Ends it only if nothing else keeps it alive.
  cluster.worker!.disconnect()
  server.closeAllConnections()
  await cache.close()
})
// Whatever happens to the test, nothing of it stays behind.
process.on('disconnect', () => setTimeout(() => process.exit(3), 8_000).unref())

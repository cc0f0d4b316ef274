// One worker thread: an Express application with a cache of its own, made of the built package, before the common database.
import { parentPort, workerData } from 'node:worker_threads'
import express from 'express'

const { createCache } = await import(workerData.built)
const cache = createCache({ redis: workerData.redis, budget: '5s' })
await cache.ready()

const database = `http://127.0.0.1:${workerData.origin}`
const app = express()
app.set('etag', false)
app.get(
  '/things/:id',
  cache.cacheRoute('5m', { tags: (/** @type {express.Request} */ req) => `thing:${req.params.id}` }),
  async (req, res) => {
    res.send(await (await fetch(`${database}${req.url}`)).text())
  },
)
app.put(
  '/things/:id',
  cache.invalidate((/** @type {express.Request} */ req) => `thing:${req.params.id}`),
  async (req, res) => {
    res.send(await (await fetch(`${database}${req.url}`, { method: 'PUT' })).text())
  },
)
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  parentPort?.postMessage(typeof address === 'object' ? address?.port : undefined)
})

// From here on only what is left open keeps the thread alive.
parentPort?.once('message', async () => {
  server.closeAllConnections()
  server.close()
  await cache.close()
})

// One process of a fleet: an application on Express or Koa before the common database, started by `fleet.ts`.
import { expressHarness, koaHarness } from '../contract/middleware.ts'
import { get, send } from '../support/http-client.ts'

const [, , framework, redis = '', originPort] = process.argv
const origin = Number(originPort)
const harness = framework === 'Koa' ? koaHarness : expressHarness

const app = await harness.start(
  (app) => {
    app.read('/things/:id', async ({ url }) => ({ body: (await get(origin, url)).text }), '5m', {
      tags: ({ params }) => `thing:${params.id}`,
    })
    app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], async ({ url }) => {
      return { body: (await send(origin, url, { method: 'PUT' })).text }
    })
    app.plain('get', '/plain/:id', async ({ params }) => ({ body: (await get(origin, `/things/${params.id}`)).text }))
    app.plain('put', '/bump/:tag', async ({ params }) => ({ body: await running().cache.bump(params.tag!) }))
    app.plain('get', '/events', () => ({ body: running().events }))
  },
  { redis, wait: false },
)

/** For handlers, which are told of before the application runs. */
function running() {
  return app
}

process.on('message', (message) => {
  if (message !== 'stop') return
  process.disconnect()
  void app.stop()
})
// Whatever happens to the test, nothing of it stays behind.
process.on('disconnect', () => setTimeout(() => process.exit(3), 8_000).unref())
process.send!({ port: app.port })

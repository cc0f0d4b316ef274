// One process of a fleet: an application on Express or Koa before the common database, started by `fleet.ts`.
import type { Duration } from '../../src/duration.ts'
import { type Asked, expressHarness, type Handler, koaHarness } from '../contract/middleware.ts'
import { get, send } from '../support/http-client.ts'

const [, , framework, redis = '', originPort, budget] = process.argv
const origin = Number(originPort)
const harness = framework === 'Koa' ? koaHarness : expressHarness

/** The marker of a writer that was killed is to be gone soon. */
const intentTimes = { life: 1_000, every: 250 }

const thing = ({ params }: Asked) => `thing:${params.id}`
const load: Handler = async ({ params }) => ({ body: (await get(origin, `/things/${params.id}`)).text })
const save: Handler = async ({ params }) => ({
  body: (await send(origin, `/things/${params.id}`, { method: 'PUT' })).text,
})

const app = await harness.start(
  (app) => {
    app.read('/things/:id', async ({ url }) => ({ body: (await get(origin, url)).text }), '5m', { tags: thing })
    app.write('put', '/things/:id', [thing], async ({ url }) => {
      return { body: (await send(origin, url, { method: 'PUT' })).text }
    })
    app.read('/strong/:id', load, '5m', { tags: thing, consistency: 'strong' })
    app.read('/fleet/:id', load, '5m', { tags: thing, lock: 'fleet' })
    app.write('put', '/intent/:id', [thing, { mode: 'intent' }], save)
    app.write('put', '/unanswered/:id', [thing, { mode: 'intent' }], async (asked) => {
      await save(asked)
      return new Promise<never>(() => {})
    })
    app.plain('get', '/plain/:id', load)
    app.plain('put', '/bump/:tag', async ({ params }) => ({ body: await running().cache.bump(params.tag!) }))
    app.plain('get', '/events', () => ({ body: running().events }))
  },
  { redis, wait: false, parts: { intentTimes }, budget: budget as Duration | undefined },
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

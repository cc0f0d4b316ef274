// A process that serves a little, closes its cache and then has nothing more to do; `exit.test.ts` waits for its end.
import { expressHarness, koaHarness } from '../contract/middleware.ts'
import { deferred } from '../support/gate.ts'
import { get } from '../support/http-client.ts'

const [, , framework, redis, wait] = process.argv
const arrived = deferred()
const released = deferred()

const harness = framework === 'Koa' ? koaHarness : expressHarness
const app = await harness.start(
  (app) => {
    app.read('/a', () => ({ body: 'a' }))
    app.write('put', '/a', ['/a'], () => ({ body: 'ok' }))
    app.read('/held', async () => {
      arrived.resolve()
      await released.promise
      return { body: 'held' }
    })
  },
  { ...(redis === '' ? {} : { redis }), wait: wait === 'wait' },
)

const served = [await get(app.port, '/a'), await get(app.port, '/a')].map(({ text }) => text)
const bumped = await app.cache.bump('/a')
const midFlight = get(app.port, '/held')
await arrived.promise
const closing = app.cache.close()
await Promise.all([closing, app.cache.close()])
released.resolve()
const later = await get(app.port, '/a')

// Sent when all is over but the end of the process itself, which nobody forces.
console.log(
  JSON.stringify({
    served,
    bumped,
    midFlight: (await midFlight).text,
    afterClose: [later.text, later.headers['cache-status'] ?? 'no Cache-Status'],
    bumpAfterClose: (await app.cache.bump('/a')).applied,
  }),
)
await app.stop()

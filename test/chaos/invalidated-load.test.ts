// A write that is acknowledged while a handler runs outlives the handler's answer, wherever that was going to be kept (C0).
import { expect } from 'chai'
import type { App, Harness, Running } from '../contract/middleware.ts'
import { ask, outcomes, overPairs } from '../support/apps.ts'
import { type Deferred, deferred, eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

// T56
overPairs('an answer in the making while its data are written', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let values: Map<string, number>
  let held: { arrived: Deferred<void>; released: Deferred<void> } | undefined

  /** Reads what is true now, and answers when it may. */
  const read = async (name: string) => {
    const body = `v${values.get(name) ?? 0}`
    const holding = held
    holding?.arrived.resolve()
    await holding?.released.promise
    return { body }
  }
  const write = (name: string) => {
    values.set(name, (values.get(name) ?? 0) + 1)
    return { body: 'ok' }
  }
  const applications: Readonly<Record<string, { tell: (app: App) => void; known: boolean }>> = {
    'with a tag of its own': {
      tell(app) {
        app.read('/things/:id', ({ params }) => read(params.id!), '5m', { tags: ({ params }) => `thing:${params.id}` })
        app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], ({ params }) => write(params.id!))
      },
      known: true,
    },
    'with the tag of everything': {
      tell(app) {
        app.read('/things/:id', ({ params }) => read(params.id!), '5m')
        app.write('put', '/things/:id', ['*'], ({ params }) => write(params.id!))
      },
      known: true,
    },
    'with the tag of the route that answers, known only after': {
      tell(app) {
        app.useCache('5m')
        app.plain('get', '/things/:id', ({ params }) => read(params.id!))
        app.write('put', '/things/:id', ['/things/:id'], ({ params }) => write(params.id!))
      },
      known: false,
    },
  }

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  for (const [what, { tell, known }] of Object.entries(applications)) {
    describe(what, () => {
      let reader: Running
      let writer: Running

      before(async () => {
        await redis.cli('FLUSHALL')
        values = new Map()
        held = undefined
        const start = (harness: Harness) => harness.start(tell, { redis: redis.url })
        reader = await start(firstHarness)
        writer = await start(secondHarness)
        // Twice, so that every tag has been met.
        for (const app of [reader, writer, reader, writer]) await ask(app, '/things/other')
      })
      after(async () => {
        await Promise.all([reader.stop(), writer.stop()])
      })

      /** Starts a read on `app` and resolves when its handler has read; `release` lets it answer. */
      async function begin(app: Running, path: string) {
        const holding = { arrived: deferred(), released: deferred() }
        held = holding
        const answer = ask(app, path)
        await holding.arrived.promise
        held = undefined
        return { answer, release: () => holding.released.resolve() }
      }

      /** A process that did not write may lag by the bound; from then on it never goes back. */
      async function seesWrite(app: Running, path: string) {
        await eventually(async () => expect((await ask(app, path)).text).to.equal('v1'), { within: 1_000 })
        for (let i = 0; i < 3; i++) expect((await ask(app, path)).text).to.equal('v1')
      }

      it('is used by nobody after the write of another process', async () => {
        const load = await begin(reader, '/things/1')
        await ask(writer, '/things/1', { method: 'PUT' })
        load.release()
        expect((await load.answer).text).to.equal('v0')
        await seesWrite(reader, '/things/1')
        expect((await ask(writer, '/things/1')).text).to.equal('v1')
      })

      it('is not found in Redis by the process that wrote, though it was stored after the write', async () => {
        const load = await begin(reader, '/things/2')
        await ask(writer, '/things/2', { method: 'PUT' })
        load.release()
        await load.answer
        await eventually(() => expect(reader.events.at(-1)).to.have.property('type', 'run'))
        // Not even once: on the process of the write an answer never lags.
        expect((await ask(writer, '/things/2')).text).to.equal('v1')
        await seesWrite(reader, '/things/2')
      })

      it('is used by nobody after a write of the same process', async () => {
        const load = await begin(reader, '/things/3')
        await ask(reader, '/things/3', { method: 'PUT' })
        load.release()
        await load.answer
        expect((await ask(reader, '/things/3')).text).to.equal('v1')
        await seesWrite(writer, '/things/3')
      })

      it(`is not given to a request that came after the write${known ? ', which does not even wait for it' : ''}`, async () => {
        const load = await begin(reader, '/things/4')
        await ask(reader, '/things/4', { method: 'PUT' })
        const later = ask(reader, '/things/4')
        if (known) expect((await later).text).to.equal('v1')
        load.release()
        expect((await later).text).to.equal('v1')
        await load.answer
        expect((await ask(reader, '/things/4')).text).to.equal('v1')
      })

      it('is used if nobody wrote, by both processes', async () => {
        const load = await begin(reader, '/things/5')
        load.release()
        await load.answer
        await ask(reader, '/things/5')
        expect(outcomes(reader).at(-1)).to.equal('hit l1')
        await eventually(async () => {
          await ask(writer, '/things/5')
          expect(outcomes(writer).at(-1)).to.match(/^hit/)
        })
      })
    })
  }
})

// The application of these tests: things whose values the test changes, told to any framework.
import { expect } from 'chai'
import type { App, Handler, ReadOptions, Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'

/** Seconds, on a busy machine; in ms. */
const SOON = 10_000

/** Where nothing is measured, a busy machine may take its time with Redis. */
export const PATIENT = { budget: '5s' } as const

/** The one database behind all applications of a test. */
export class Things {
  readonly #values = new Map<string, number>()
  #views = 0

  set(id: string, value: number): void {
    this.#values.set(id, value)
  }

  textOf(id: string): string {
    return `v${this.#values.get(id) ?? 0}`
  }

  /** `GET /things/:id` and, with strong consistency, `GET /strong/:id`, cached; `PUT /things/:id` adds one; `GET /plain` without a cache. */
  readonly tell = (app: App): void => {
    const read: Handler = ({ params }) => ({ body: this.textOf(params.id!) })
    const tags: ReadOptions['tags'] = ({ params }) => `thing:${params.id}`
    app.read('/things/:id', read, '5m', { name: 'things', tags })
    app.read('/strong/:id', read, '5m', { name: 'strong', tags, consistency: 'strong' })
    app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], ({ params }) => {
      this.set(params.id!, (this.#values.get(params.id!) ?? 0) + 1)
      return { body: 'ok' }
    })
    app.plain('get', '/plain', () => ({ body: 'plain' }))
  }

  /** Resolves once the application stores answers about this thing in Redis, of which it asks each time for another view. */
  async sharing(app: Running, id = 'probe'): Promise<void> {
    await eventually(
      async () => {
        const answer = await ask(app, `/things/${id}?view=${++this.#views}`)
        expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
      },
      { within: SOON, every: 20 },
    )
  }

  /** Resolves once the application answers from its memory. */
  async warm(app: Pick<Running, 'port'>, id: string): Promise<void> {
    const path = `/things/${encodeURIComponent(id)}`
    await eventually(async () => expect(outcomeOf(await ask(app, path))).to.equal('hit l1'), { within: SOON })
  }

  /** Writes until Redis has confirmed it, which a busy machine may not do in time; resolves to what must be answered from then on. */
  async write(app: Running, id: string): Promise<string> {
    await eventually(
      async () => {
        await ask(app, `/things/${id}`, { method: 'PUT' })
        expect(app.events.findLast(({ type }) => type === 'bump')).to.have.property('applied', 'everywhere')
      },
      { within: SOON },
    )
    return this.textOf(id)
  }
}

// A page whose header fields a test chooses, and a count of its runs: what tests of `honour: 'headers'` are made of.
import type { App, Asked, Handler, ReadOptions, Reply } from '../middleware.ts'

/** A handler whose next answers a test decides. */
export class Page {
  /** Every request that reached the handler. */
  readonly asked: Asked[] = []
  reply: (asked: Asked) => Reply | Promise<Reply> = () => ({})

  readonly handler: Handler = async (asked) => {
    // The request's own headers are put back once it was answered.
    this.asked.push({ ...asked, headers: { ...asked.headers } })
    return this.reply(asked)
  }

  get runs(): number {
    return this.asked.length
  }

  /** `/page`, cached for an hour at most, as its own fields say. */
  tell(options: ReadOptions = {}): (app: App) => void {
    return (app) => {
      app.useCache('1h', { honour: 'headers', ...options })
      app.plain('get', '/page', this.handler)
      app.plain('get', '/other', this.handler)
      app.plain('post', '/page', this.handler)
      app.plain('post', '/other', this.handler)
    }
  }

  /** Answers with these header fields and the number of the run. */
  answer(fields: Readonly<Record<string, string>>, status = 200): void {
    this.reply = () => ({ status, headers: fields, body: `run ${this.runs}` })
  }
}

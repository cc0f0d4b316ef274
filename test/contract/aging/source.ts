// A handler whose answers, failures and delays a test decides.
import type { App, Handler, ReadOptions, Reply } from '../middleware.ts'

/** Answers `run 1`, `run 2`, … until told otherwise. */
export class Source {
  runs = 0
  reply: (run: number) => Reply | Promise<Reply> = (run) => ({ body: `run ${run}` })

  readonly handler: Handler = () => this.reply(++this.runs)

  /** `GET /page`, cached for 10 s, and `PUT /page`, which invalidates it. */
  tell(options: ReadOptions, ttl: `${number}s` = '10s'): (app: App) => void {
    return (app) => {
      app.read('/page', this.handler, ttl, options)
      app.write('put', '/page', ['/page'], () => ({ body: 'written' }))
    }
  }

  fail(status = 500): void {
    this.reply = () => ({ status, body: 'broken' })
  }

  throw(): void {
    this.reply = () => {
      throw new Error('broken')
    }
  }
}

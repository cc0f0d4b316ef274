/** One request of Express, as the engine sees it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Application, NextFunction, Request, Response } from 'express'
import type { Instant } from '../clock.ts'
import { answerFor } from '../http/answer-for.ts'
import { Capture } from '../http/capture.ts'
import { isDetached, renewedBy, sendDetached } from '../http/detached.ts'
import { Detour } from '../http/detour.ts'
import type {
  CacheRequest,
  Delivery,
  Exchange,
  Replacement,
  ResponseHead,
  RunObserver,
  StoredResponse,
} from '../http/exchange.ts'
import { thrownStatus } from '../http/failure.ts'
import { isGone } from '../http/gone.ts'
import { holdAnswer } from '../http/hold.ts'
import { hasBody, parsedBody } from '../http/parsed-body.ts'
import { replay } from '../http/replay.ts'
import { currentFields } from '../http/response-fields.ts'
import { rewrittenPart } from '../http/rewritten.ts'
import { hiddenFrom } from '../http/validators.ts'
import { Watch } from '../http/watch.ts'
import { answeringRoute } from './routes.ts'

/** What your functions are called with. */
export type ExpressSubject = readonly [req: Request, res: Response]

/** What the paths of private things may begin with. */
export const expressRoots: readonly string[] = Object.freeze(['req', 'res'])

/** One request of Express or of plain `node:http`. */
export class ExpressExchange implements Exchange {
  readonly #req: Request
  readonly #res: Response
  readonly #next: NextFunction
  readonly #mounted: boolean
  readonly #watched: WeakSet<IncomingMessage>
  #overtake: ((replacement: Replacement) => boolean) | undefined
  readonly request: CacheRequest

  constructor(req: Request, res: Response, next: NextFunction, mounted: boolean, watched: WeakSet<IncomingMessage>) {
    this.#req = req
    this.#res = res
    this.#next = next
    this.#mounted = mounted
    this.#watched = watched
    this.request = new ExpressRequest(req)
  }

  get subject(): ExpressSubject {
    return [this.#req, this.#res]
  }

  get gone(): boolean {
    return isGone(this.#res)
  }

  run(observer: RunObserver | undefined): void {
    if (observer === undefined) {
      this.#next()
      return
    }
    const { hidden, sent, restore } = hiddenFrom(this.#req.headers, observer)
    if (observer.claims) this.#watched.add(this.#req)
    const { watches } = observer
    const watch = watches && new Watch({ req: this.#req, res: this.#res }, watches)
    const detour = observer.mayBeOvertaken === true ? new Detour(this.#res) : undefined
    const capture = new Capture(this.#res, observer, hidden, restore, watch, detour)
    if (detour !== undefined) {
      this.#overtake = (replacement) => capture.overtake(() => answerFor(this.#res, sent(), replacement))
    }
    try {
      this.#next()
    } catch (error) {
      capture.abandon(thrownStatus(error))
      throw error
    }
  }

  write(act: (head: ResponseHead) => void | Promise<void>): void {
    const res = this.#res
    holdAnswer(res, () => act({ status: res.statusCode, headers: currentFields(res) }))
    this.#next()
  }

  get detached(): boolean {
    return isDetached(this.#req)
  }

  get renews(): Instant | undefined {
    return renewedBy(this.#req)
  }

  get fork(): ((staleAt: Instant) => Promise<number>) | undefined {
    const app = outermost(this.#req.app)
    if (app === undefined) return undefined
    return (staleAt) => sendDetached(this.#req, this.request.url, app as unknown as RequestListener, staleAt)
  }

  send(response: StoredResponse, delivery: Delivery): void {
    replay(this.#req, this.#res as ServerResponse, response, delivery)
  }

  overtake(response: StoredResponse, delivery: Delivery): boolean {
    return !this.detached && this.#overtake?.({ response, delivery }) === true
  }

  answeredBy(): readonly string[] {
    return this.#mounted ? answeringRoute(this.#req) : []
  }
}

/** The application that everything else is mounted on; undefined where there is no Express. */
function outermost(app: Application | undefined): Application | undefined {
  const { parent } = (app ?? {}) as { parent?: Application }
  return parent === undefined ? app : outermost(parent)
}

/** The request as Express sees it, or as `node:http` does where Express is not there. */
class ExpressRequest implements CacheRequest {
  readonly #req: Request
  readonly method: string
  readonly url: string
  readonly rewritten: string | undefined
  readonly headers: CacheRequest['headers']

  constructor(req: Request) {
    this.#req = req
    const { method, url, originalUrl = url, headers } = req
    this.method = method
    this.url = originalUrl
    this.rewritten = originalUrl === url ? undefined : rewrittenPart(originalUrl, `${req.baseUrl ?? ''}${url}`)
    this.headers = headers
  }

  /** Where no proxy says otherwise the framework comes to the same, at a price. */
  get scheme(): string {
    const seen = this.headers['x-forwarded-proto'] === undefined ? undefined : this.#req.protocol
    return seen ?? ((this.#req.socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http')
  }

  get host(): string {
    const { host = '', ':authority': authority = '' } = this.headers
    const seen = this.headers['x-forwarded-host'] === undefined ? undefined : this.#req.host
    return seen ?? (host === '' ? String(authority) : host)
  }

  get hasBody(): boolean {
    return hasBody(this.#req)
  }

  get body(): unknown {
    return parsedBody(this.#req, this.#req.body)
  }
}

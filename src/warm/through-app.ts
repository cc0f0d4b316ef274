/** Sends requests through an application of this process, with no client, and learns from the caches on their way what became of them. */

import { type Dispatch, dispatchDetached } from '../http/detached.ts'
import type { Errand, Filled, MetCache } from '../http/errand.ts'
import type { Outcome } from '../observe/events.ts'
import type { Send } from './warm.ts'
import { requestFields } from './warm-request.ts'
import type { WarmEnd } from './warm-result.ts'

/** What applications may ask of the connection: such a request comes from this machine. */
const here = {
  remoteAddress: '127.0.0.1',
  remoteFamily: 'IPv4',
  remotePort: 0,
  localAddress: '127.0.0.1',
  localPort: 0,
}

/** Sends requests through an application. The caches that they meet are added to `met`. */
export function throughApp(dispatch: Dispatch, met = new Map<MetCache, Promise<void>>()): Send {
  return async ({ path, headers, scheme }, signal) => {
    const report = new Report(met)
    const connection = scheme === 'https' ? { ...here, encrypted: true } : here
    const sent = dispatchDetached({ url: path, fields: requestFields(headers), connection, errand: report }, dispatch)
    signal.addEventListener('abort', sent.leave, { once: true })
    const status = await sent.answered
    return report.end(status)
  }
}

/** What the caches on the way of one request say of it. */
class Report implements Errand {
  readonly #met: Map<MetCache, Promise<void>>
  readonly #runs: Promise<Filled>[] = []
  #mayShare = false
  #outcome: Outcome | undefined
  #reason: string | undefined

  constructor(met: Map<MetCache, Promise<void>>) {
    this.#met = met
  }

  arrives(cache: MetCache): Promise<void> {
    // A shared tier that does not come is a tier that is not there: memory can be filled all the same.
    const ready = this.#met.get(cache) ?? cache.ready().catch(() => undefined)
    this.#met.set(cache, ready)
    this.#mayShare ||= cache.sharedErrors() !== undefined
    return ready
  }

  meets(outcome: Outcome, reason: string | undefined): void {
    this.#outcome = outcome
    this.#reason = reason
  }

  fills(): (filled: Filled) => void {
    let over!: (filled: Filled) => void
    this.#runs.push(
      new Promise((resolve) => {
        over = resolve
      }),
    )
    return over
  }

  /** What it all came to, once what was stored is where other processes look for it. */
  async end(status: number | undefined): Promise<WarmEnd> {
    const filled = await Promise.all(this.#runs)
    await Promise.all(filled.map(({ storing }) => storing))
    if (status === undefined) return { outcome: 'failed', status, reason: 'broken-off' }
    if (status >= 500) return { outcome: 'failed', status, reason: this.#reason ?? `status-${status}` }
    if (filled.some(({ stored }) => stored)) return { outcome: 'stored', status, reason: this.#apart(filled) }
    const isAnswered = filled.length === 0 && this.#outcome !== undefined && answered.has(this.#outcome)
    if (isAnswered) return { outcome: 'hit', status, reason: undefined }
    if (this.#outcome === undefined) return { outcome: 'notStored', status, reason: 'no-cache-route' }
    return { outcome: 'notStored', status, reason: filled[0]?.reason ?? this.#reason }
  }

  /** Whether other processes cannot find what they should: the shared tier was not to be had. */
  #apart(filled: readonly Filled[]): string | undefined {
    const isApart = filled.some(({ stored, storing }) => stored && storing === undefined)
    return this.#mayShare && isApart ? 'memory-only' : undefined
  }
}

/** Outcomes of requests whose answer was made for another one. */
const answered: ReadonlySet<Outcome> = new Set(['hit', 'stale', 'collapsed'])

// The same requests to the application and to its control, at the same instants, and how long each took.
import { now, pause } from '../../consistency/clock.ts'
import { Random } from '../../consistency/random.ts'
import { versionIn } from '../app/content.ts'
import type { Clients } from '../load/clients.ts'
import { Pace } from '../load/pace.ts'
import { HOT, POOL } from './keys.ts'
import type { Stage } from './stage.ts'

/** One answer, or none. */
export interface Sample {
  readonly ms: number
  /** No answer, an error, or other bytes than those of the URL. */
  readonly failed: boolean
}

/** Of all requests: reads of few keys, which memory holds, and writes; the rest reads many keys. */
const HOT_SHARE = 0.5
const WRITES = 0.05

/** Requests that leave in time, to both. */
export class Traffic {
  readonly #stage: Stage
  readonly #random = new Random(1)
  readonly #pace: Pace
  app: Sample[] = []
  control: Sample[] = []

  /** @param rate requests per second to each */
  constructor(stage: Stage, rate: number) {
    this.#stage = stage
    this.#pace = new Pace(rate, () => this.#fire())
  }

  /** What was measured so far counts no more. */
  reset(): void {
    this.app = []
    this.control = []
  }

  resume(): void {
    this.#pace.resume()
  }

  /** Resolves when everything that was asked is answered. */
  async stop(): Promise<void> {
    this.#pace.stop()
    const { app, control } = this.#stage
    while (app.clients.busy + control.clients.busy > 0) await pause(2)
  }

  #fire(): void {
    const draw = this.#random.next()
    const isWrite = draw < WRITES
    const path = `/items/${this.#random.pick(draw < WRITES + HOT_SHARE ? HOT : POOL)}`
    const method = isWrite ? 'PUT' : 'GET'
    const { app, control } = this.#stage
    // Whoever is asked first has an advantage.
    const first = this.#random.chance(0.5)
    if (first) void measured(app.clients, method, path, this.app)
    void measured(control.clients, method, path, this.control)
    if (!first) void measured(app.clients, method, path, this.app)
  }
}

async function measured(clients: Clients, method: 'GET' | 'PUT', path: string, samples: Sample[]): Promise<void> {
  const start = now()
  const reply = await clients.send(method, path).reply.catch(() => undefined)
  const failed = reply?.status !== 200 || versionIn(reply.text, path) === undefined
  samples.push({ ms: now() - start, failed })
}

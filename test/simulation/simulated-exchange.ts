// One request of a simulated client: its handler reads the thing's value, waits, and answers.
import type { CacheRequest, Delivery, Exchange, RunObserver, StoredResponse } from '../../src/http/exchange.ts'
import type { Life } from './life.ts'
import type { Asked } from './verdict.ts'

const FIELDS = Object.freeze([Object.freeze(['Content-Type', 'application/octet-stream'] as const)])
const REMOVED = Object.freeze([])
const BODY_BYTES = 12
const nothing = () => undefined

/** A request on its way. */
export class SimulatedExchange implements Exchange {
  readonly request: CacheRequest
  readonly subject: readonly [string]
  readonly #life: Life
  readonly #asked: Asked
  readonly #isLate: boolean
  isAnswered = false
  /** Is told of an answer that did not come at once. */
  answered: (() => unknown) | undefined
  gone = false

  constructor(life: Life, asked: Asked, request: CacheRequest, subject: readonly [string], isLate: boolean) {
    this.#life = life
    this.#asked = asked
    this.request = request
    this.subject = subject
    this.#isLate = isLate
  }

  send({ status, body }: StoredResponse, { cacheStatus = '' }: Delivery): void {
    this.#noteAnswer()
    const { around, knowledge } = this.#life
    const { judge } = around
    this.#note(status === 503 ? '503' : String(body.readUInt32LE(0)), cacheStatus)
    if (status === 503) judge.passed(knowledge, this.#asked, cacheStatus)
    else {
      const [value, madeAt] = [body.readUInt32LE(0), body.readDoubleLE(4)]
      judge.answered(knowledge, this.#asked, { value, madeAt, cacheStatus })
    }
  }

  run(observer: RunObserver | undefined): void {
    const { process, around } = this.#life
    const { workload, values } = around
    const { thing } = this.#asked
    const over = observer?.fills === true ? around.runs.begin(this.#life, this.#asked) : nothing
    // The database answers whether or not anyone here is awake to hear it.
    this.#life.elsewhere(workload.readDelay(process.random), () => {
      const value = values[thing]!
      this.#note(`${value}, read by its run`, '')
      process.later(workload.answerDelay(process.random), () => {
        over()
        this.#answer(observer, value)
      })
    })
  }

  /** Nobody waits here for long. */
  /** Writers of a simulation need no exchange. */
  write(): never {
    throw new Error('nothing is written through an exchange here')
  }

  overtake(): boolean {
    return false
  }

  answeredBy(): readonly string[] {
    return this.#isLate ? [this.#life.tagOf(this.#asked.thing)] : []
  }

  #answer(observer: RunObserver | undefined, value: number): void {
    this.#noteAnswer()
    const { around, knowledge, process } = this.#life
    const { judge, workload, runs } = around
    const status = process.random.chance(workload.failures) ? 500 : 200
    const decision = observer?.head({ status, headers: FIELDS }, BODY_BYTES)
    this.#note(`${value} (${status})`, decision?.cacheStatus ?? '')
    judge.passed(knowledge, this.#asked, decision?.cacheStatus ?? '')
    const { route, thing } = this.#asked
    const isWhole = !process.random.chance(workload.failures)
    if (observer?.fills === true && (decision?.keep !== true || !isWhole)) runs.unshared(route, thing)
    if (decision?.keep !== true) observer?.done(undefined)
    else if (!isWhole) observer?.done(process.random.pick(['client-left', 'truncated']))
    else observer?.done({ status, headers: FIELDS, removed: REMOVED, body: this.#body(value) })
  }

  #note(answer: string, cacheStatus: string): void {
    const { process, around } = this.#life
    const { trace, things, shop } = around
    const { route, thing, start } = this.#asked
    if (!trace.isOn) return
    const what = `read ${shop[route]!.name} of thing:${things[thing]} from ${start.toFixed(3)}`
    trace.note(process.name, `${what} = ${answer}  ${cacheStatus.replaceAll('tiercache-', '')}`)
  }

  #noteAnswer(): void {
    this.isAnswered = true
    this.answered?.()
  }

  #body(value: number): Buffer {
    // Memory of its own, as L1 counts it.
    const body = Buffer.allocUnsafeSlow(BODY_BYTES)
    body.writeUInt32LE(value, 0)
    body.writeDoubleLE(this.#life.process.present, 4)
    return body
  }
}

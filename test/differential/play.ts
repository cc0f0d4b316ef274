// Plays one sequence on the bare application and on the cached one, and says where they differ.
import { Client, type Outgoing } from './client.ts'
import type { AskPlan, Condition, RequestPlan, Sequence, Step } from './plan.ts'
import type { Site, Versions } from './site.ts'
import { difference, type Reference } from './verdict.ts'
import { values, type WireAnswer } from './wire-parser.ts'

/** Where a sequence is played. */
export interface Ground {
  readonly bare: Site
  /** More than one where processes share a Redis. */
  readonly cached: readonly Site[]
}

/** A server and one client's connections to it. */
interface Seat {
  readonly site: Site
  readonly client: Client
}

/** What the cache did, by its own word. */
export interface Tally {
  answers: number
  hits: number
  collapsed: number
}

function seat(site: Site): Seat {
  return { site, client: new Client(site.port) }
}

/** One sequence under way. */
export class Play {
  readonly #bare: Seat
  readonly #cached: readonly Seat[]
  readonly #sequence: Sequence
  readonly #prefix: string
  readonly #tally: Tally
  /** The validators that came last with each target. */
  readonly #seen = new Map<string, { readonly tag: string | undefined; readonly date: string | undefined }>()
  /** Routes whose answers other processes may still have in their former state. */
  readonly #lagging = new Set<number>()
  #traces = 0

  /** @param prefix a path segment that nobody else uses */
  constructor(ground: Ground, sequence: Sequence, prefix: string, tally: Tally) {
    this.#bare = seat(ground.bare)
    this.#cached = ground.cached.map(seat)
    this.#sequence = sequence
    this.#prefix = prefix
    this.#tally = tally
  }

  /** Resolves to the first difference, or to undefined where there is none. */
  async run(): Promise<string | undefined> {
    const [bare, cached] = [this.#bare, this.#cached]
    const { app } = this.#sequence
    const fresh = (): Versions => app.routes.map(() => 0)
    const shared = fresh()
    bare.site.mount(this.#prefix, app, fresh())
    for (const { site } of cached) site.mount(this.#prefix, app, shared)
    try {
      for (const [i, step] of this.#sequence.steps.entries()) {
        const found = await this.#step(step)
        if (found !== undefined) return `step ${i} (${step.kind}): ${found}`
      }
      return undefined
    } finally {
      for (const { site, client } of [bare, ...cached]) {
        site.unmount(this.#prefix)
        client.close()
      }
    }
  }

  #step(step: Step): Promise<string | undefined> | undefined {
    if (step.kind === 'write') return this.#write(step.route, step.meanwhile)
    if (step.kind === 'bump') return this.#bump(step.route)
    if (step.kind === 'abort') return this.#abort(step.site, step.request, step.begun)
    const plans = step.kind === 'ask' ? [step.request] : step.requests
    return this.#ask(step.site, plans, step.kind === 'pipeline')
  }

  async #ask(site: number, plans: readonly RequestPlan[], piped: boolean): Promise<string | undefined> {
    const all = plans.map((plan) => this.#outgoing(plan))
    // Nothing may follow on a connection that its client has closed by word.
    const requests = piped ? all.filter(({ fields }) => fields.Connection === undefined) : all
    const send = ({ client }: Seat) => (piped ? client.pipeline(requests) : client.burst(requests))
    const [cached, bare] = await Promise.all([send(this.#seat(site, plans)), send(this.#bare)])
    for (const [i, request] of requests.entries()) {
      let full: Promise<WireAnswer> | undefined
      const reference: Reference = { answer: bare[i]!, full: () => (full ??= this.#full(request)), piped }
      const found = await this.#judge(request, cached[i]!, [reference])
      if (found !== undefined) return found
      // Where a connection ends, what was asked on it afterwards is lost.
      if (piped && [cached[i]!, bare[i]!].some(isLast)) return undefined
    }
    return undefined
  }

  async #abort(site: number, plan: RequestPlan, begun: boolean): Promise<undefined> {
    await this.#seat(site, [plan]).client.leave(this.#outgoing(plan), begun)
  }

  /** A read that the write overtakes may show what was before it or what came of it. */
  async #write(route: number, meanwhile: RequestPlan | undefined): Promise<string | undefined> {
    const target = `${this.#path(route)}/write`
    const write: Outgoing = { method: 'POST', target, fields: {}, body: '{}' }
    const read = meanwhile === undefined ? undefined : this.#outgoing(meanwhile)
    const [home] = this.#cached
    const before = read === undefined ? undefined : await this.#reference(read)
    const reading = read === undefined ? undefined : await this.#begin(home!, read)
    const [found, wanted] = await Promise.all([home!.client.ask(write), this.#bare.client.ask(write)])
    this.#lagging.add(this.#index(route))
    const answer = await reading?.answer
    const wrong = await this.#judge(write, found, [{ answer: wanted, full: async () => wanted }])
    if (wrong !== undefined || read === undefined) return wrong
    return this.#judge(read, answer!, [before!, await this.#reference(read)])
  }

  /** What the bare application says now. */
  async #reference(request: Outgoing): Promise<Reference> {
    const answer = await this.#bare.client.ask(request)
    const full = await this.#full(request)
    return { answer, full: async () => full }
  }

  /** Resolves when the request has come in. */
  async #begin({ site, client }: Seat, read: Outgoing): Promise<{ readonly answer: Promise<WireAnswer> }> {
    const arrived = site.arrival(read.fields['X-Trace']!)
    const answer = client.beside(read)
    await Promise.race([arrived, answer])
    return { answer }
  }

  async #bump(route: number): Promise<undefined> {
    const { app } = this.#sequence
    const tagged = app.routes[this.#index(route)]!.extras.includes('tagged')
    await this.#cached[0]!.site.bump(`${tagged ? 'tag of ' : ''}${this.#path(route)}`)
  }

  async #judge(request: Outgoing, cached: WireAnswer, references: readonly Reference[]): Promise<string | undefined> {
    this.#count(cached)
    const found: (string | undefined)[] = []
    for (const reference of references) found.push(await difference(request, cached, reference))
    this.#remember(request.target, references.at(-1)!.answer, cached)
    if (found.includes(undefined)) return undefined
    const status = values(cached, 'cache-status').join(' | ')
    return `${JSON.stringify(request)}\n  ${status}\n  ${found.join('\n  or ')}`
  }

  /** The whole answer of the bare application. */
  #full(request: Outgoing): Promise<WireAnswer> {
    const conditional = ['If-None-Match', 'If-Modified-Since', 'Range']
    const fields = Object.fromEntries(Object.entries(request.fields).filter(([name]) => !conditional.includes(name)))
    const method = request.method === 'HEAD' ? 'GET' : request.method
    return this.#bare.client.beside({ ...request, method, fields })
  }

  #count(cached: WireAnswer): void {
    const status = values(cached, 'cache-status').join()
    this.#tally.answers++
    if (status.includes('; hit')) this.#tally.hits++
    if (status.includes('; collapsed')) this.#tally.collapsed++
  }

  #remember(target: string, bare: WireAnswer, cached: WireAnswer): void {
    const of = (name: string) => values(bare, name)[0] ?? values(cached, name)[0]
    this.#seen.set(target, { tag: of('etag'), date: of('last-modified') })
  }

  #outgoing({ ask, head, other, fields, condition }: RequestPlan): Outgoing {
    const plan = this.#sequence.asks[ask % this.#sequence.asks.length]!
    const target = `${this.#path(plan.route)}${plan.query}`
    const asked: Record<string, string> = { ...plan.fields, ...fields, 'X-Trace': `${this.#prefix}.${this.#traces++}` }
    if (condition !== undefined) Object.assign(asked, this.#validators(condition, target))
    return { method: methodOf(plan, head), target, fields: asked, body: head ? undefined : bodyOf(plan, other) }
  }

  #validators(condition: Condition, target: string): Record<string, string> {
    const { tag = '"none"', date = new Date(0).toUTCString() } = this.#seen.get(target) ?? {}
    return {
      'seen tag': { 'If-None-Match': tag },
      'seen tag in a list': { 'If-None-Match': `"x", W/"y,z", ${tag}` },
      'any tag': { 'If-None-Match': '*' },
      'other tag': { 'If-None-Match': '"other"' },
      'seen date': { 'If-Modified-Since': date },
      'old date': { 'If-Modified-Since': new Date(1e12).toUTCString() },
      both: { 'If-None-Match': '"other"', 'If-Modified-Since': date },
    }[condition]
  }

  /** Another process only where the contract lets nobody see what was before a write. */
  #seat(site: number, plans: readonly RequestPlan[]): Seat {
    const { asks, app } = this.#sequence
    const cached = this.#cached
    const routes = plans.map(({ ask }) => this.#index(asks[ask % asks.length]!.route))
    const lags = routes.some((i) => this.#lagging.has(i) && !app.routes[i]!.extras.includes('strong'))
    return cached[lags ? 0 : site % cached.length]!
  }

  #index(route: number): number {
    return route % this.#sequence.app.routes.length
  }

  #path(route: number): string {
    return `${this.#prefix}/r${this.#index(route)}`
  }
}

function bodyOf({ body }: AskPlan, other: boolean): string | undefined {
  return body !== undefined && other ? '{"other":[true]}' : body
}

function methodOf({ body }: AskPlan, head: boolean): string {
  if (head) return 'HEAD'
  return body === undefined ? 'GET' : 'POST'
}

function isLast(answer: WireAnswer): boolean {
  return !answer.whole || values(answer, 'connection').some((line) => /\bclose\b/i.test(line))
}

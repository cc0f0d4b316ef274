// The writes of one process: a handler that changes a thing, with its bump or its announcement.
import type { Core } from '../../src/cache.ts'
import type { Act, Invalidation, WritePlace } from '../../src/invalidation.ts'
import type { Weakness } from '../consistency/mutants/mutant.ts'
import type { BumpWatch } from './bump-watch.ts'
import type { Knowledge } from './judge.ts'
import type { Surroundings } from './life.ts'
import { type Subject, thingTag } from './shop.ts'
import type { VirtualProcess } from './virtual-process.ts'

/** What a write bumps, and how: a thing's tag, after the fact or announced; all of a route; everything. */
export type WriteKind = 'thing' | 'intent' | 'route' | 'everything'

/** A write that was announced and has happened, and is not answered yet. */
export interface Unsettled {
  readonly thing: number
  readonly value: number
}

interface Options {
  readonly around: Surroundings
  readonly process: VirtualProcess
  readonly knowledge: Knowledge
  readonly core: Core<Subject>
  readonly bumps: BumpWatch
  readonly weakness: Weakness
}

/** Whoever writes. */
export class Writer {
  readonly #options: Options
  readonly #invalidations: Record<'thing' | 'intent', Invalidation<Subject>>
  readonly unsettled = new Set<Unsettled>()

  constructor(options: Options) {
    this.#options = options
    const target = (thing: string) => thingTag(thing)
    this.#invalidations = {
      thing: options.core.invalidation([target]),
      intent: options.core.invalidation([target, { mode: 'intent' }]),
    }
  }

  /** A new value for a thing. */
  async write(thing: number, kind: WriteKind): Promise<void> {
    const { around, process, knowledge, bumps, weakness } = this.#options
    const { judge, workload, values } = around
    const tag = this.#tagFor(thing, kind)
    const about = `write ${kind} of ${this.#tagFor(thing, 'thing')}`
    this.#note(`${about} begins`)
    const act = await this.#announce(thing, kind)
    if (act === undefined) return this.#note(`${about} is refused`)
    weakness.beforeWrite?.(tag)
    await new Promise<void>((resolve) => process.later(workload.readDelay(process.random), resolve))
    const written = await this.#commit(thing, kind)
    const places = judge.placesOf(tag)
    const bumped = places.map((place) => values[judge.thingAt(place)]!)
    this.#note(`${about} acts, values ${bumped.join(' ')}`)
    const { acting, bumping } = bumps.during(act)
    await acting
    const result = await bumping
    this.#note(`${about} is answered`)
    if (written !== undefined) this.unsettled.delete(written)
    judge.wrote(knowledge, places, bumped, result?.applied === 'everywhere')
  }

  /** What to do once the write has happened; undefined where it must not happen. */
  async #announce(thing: number, kind: WriteKind): Promise<Act | undefined> {
    const { core, around } = this.#options
    const place = writePlace(around.things[thing]!)
    if (kind === 'thing') return this.#invalidations.thing.after(place)
    if (kind === 'intent') return (await this.#invalidations.intent.before(place))?.act
    return async () => void (await core.bump(this.#tagFor(thing, kind)))
  }

  /** The database takes the value whether or not anyone here is awake to hear of it. */
  #commit(thing: number, kind: WriteKind): Promise<Unsettled | undefined> {
    const { around, process } = this.#options
    const { workload, values, queue, trace } = around
    return new Promise((resolve) => {
      queue.at(process.present + workload.readDelay(process.random), () => {
        const value = ++values[thing]!
        trace.note('origin', `${this.#tagFor(thing, 'thing')} := ${value}, by ${process.name}`)
        const written = kind === 'intent' && this.#stillMarked(thing) ? { thing, value } : undefined
        if (written !== undefined) this.unsettled.add(written)
        process.later(workload.readDelay(process.random), () => resolve(written))
      })
    })
  }

  /** An announced write finds its marker, as long as nothing went wrong. */
  #stillMarked(thing: number): boolean {
    const { around, process, knowledge } = this.#options
    if (!process.alive) return false
    const marked = around.isMarked(this.#tagFor(thing, 'intent'))
    if (!marked && around.queue.now > knowledge.calmFrom) {
      around.judge.broke('intent', 'the marker was gone when its write happened', knowledge, thing)
    }
    return marked
  }

  #note(text: string): void {
    const { around, process } = this.#options
    around.trace.note(process.name, text)
  }

  #tagFor(thing: number, kind: WriteKind): string {
    const { shop, things } = this.#options.around
    if (kind === 'everything') return '*'
    return kind === 'route' ? shop[thing % shop.length]!.name : thingTag(things[thing]!)
  }
}

function writePlace(thing: string): WritePlace<Subject> {
  return { subject: [thing], untargeted: () => [thingTag(thing)], route: () => 'writes', routes: () => [] }
}

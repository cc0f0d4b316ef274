// Readers and writers of a soak: many ids, some far more popular than others, clients that leave, and a judge of each answer.
import { now } from '../../consistency/clock.ts'
import type { Random } from '../../consistency/random.ts'
import type { Reply } from '../../consistency/stage/connection.ts'
import { labelOf } from '../../consistency/stage/label.ts'
import type { Member } from '../app/member.ts'
import { ROUTES } from '../app/routes.ts'
import { WRITE_FIELD } from '../app/settings.ts'
import type { Answered, Checker } from './checker.ts'
import type { Popularity } from './popularity.ts'
import type { Tally } from './tally.ts'
import type { Writes } from './writes.ts'

/** Of all requests. */
const WRITE_SHARE = 0.015
const LEAVING = 0.01
/** After so many ms at most a client that leaves has left. */
const LEAVES_WITHIN = 30
/** Requests under way: what comes while so many wait is not sent, but counted. */
const MOST = 3_000

/** What the traffic is made of. */
export interface TrafficParts {
  readonly members: readonly Member[]
  readonly random: Random
  readonly popularity: Popularity
  readonly checker: Checker
  readonly writes: Writes
  readonly tally: Tally
}

/** Sends one request after another; each is judged when it is answered. */
export class Traffic {
  readonly #parts: TrafficParts

  constructor(parts: TrafficParts) {
    this.#parts = parts
  }

  /** Requests under way. */
  get busy(): number {
    return this.#parts.members.reduce((sum, { clients }) => sum + clients.busy, 0)
  }

  /** Sends whatever is next. */
  fire(): void {
    const { random, popularity, members, tally } = this.#parts
    const id = `${popularity.draw(random)}`
    const process = Math.floor(random.next() * members.length)
    const isWrite = random.chance(WRITE_SHARE)
    const route = random.pick(ROUTES)
    const leaves = random.chance(LEAVING) ? random.between(0, LEAVES_WITHIN) : undefined
    if (this.busy >= MOST) tally.unsent++
    else if (isWrite) void this.#write(id, process)
    else void this.#read({ route, id, process, url: `/${route.name}/${id}` }, leaves)
  }

  async #read(asked: Pick<Answered, 'route' | 'id' | 'process' | 'url'>, leaves: number | undefined): Promise<void> {
    const { members, checker, tally } = this.#parts
    const start = now()
    const refused = tally.refusedSince()
    const { reply, leave } = members[asked.process]!.clients.send('GET', asked.url)
    const leaving = leaves === undefined ? undefined : setTimeout(leave, leaves)
    const got = await reply.catch(() => undefined)
    clearTimeout(leaving)
    if (got === undefined) {
      if (leaves === undefined) tally.wrong(`${asked.url} was never answered`)
      else tally.left++
      return
    }
    tally.answered(now() - start, labelOf(got.cacheStatus))
    if (got.status !== 200) this.#failed(asked.url, got, refused())
    else tally.judged(checker.judge({ ...asked, start, text: got.text, label: labelOf(got.cacheStatus) }))
  }

  async #write(id: string, process: number): Promise<void> {
    const { members, writes, tally } = this.#parts
    const refused = tally.refusedSince()
    const write = writes.begin(id, process)
    const { reply } = members[process]!.clients.send('PUT', `/items/${id}`, `${WRITE_FIELD}: ${write}\r\n`)
    const got = await reply.catch(() => undefined)
    if (got?.status === 200) {
      tally.writes++
      writes.answered(write, got.text)
      return
    }
    writes.failed(write)
    if (got === undefined) tally.wrong(`A write of ${id} was never answered`)
    else this.#failed(`PUT /items/${id}`, got, refused())
  }

  /** What the database refused is no fault of the cache. */
  #failed(url: string, { status, text }: Reply, wasRefused: boolean): void {
    if (wasRefused && status === 500) this.#parts.tally.refused++
    else this.#parts.tally.wrong(`${url} was answered with ${status}: ${text.slice(0, 60)}`)
  }
}

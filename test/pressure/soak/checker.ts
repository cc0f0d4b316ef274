// Judges each answer by what was written: it belongs to who asked, and is neither from the future nor older than the contract allows.
import type { Label } from '../../consistency/history.ts'
import { versionIn } from '../app/content.ts'
import { MAX_STALE, type PressedRoute } from '../app/routes.ts'

/** Milliseconds of `now()`. */
type Instant = number

/** A whole answer to a read. */
export interface Answered {
  readonly route: PressedRoute
  readonly id: string
  readonly url: string
  /** The process that answered. */
  readonly process: number
  /** Before the first byte left. */
  readonly start: Instant
  readonly text: string
  readonly label: Label
}

/** From when on a version binds those who read. */
interface Binding {
  readonly version: number
  /** All processes; infinity where Redis never confirmed. */
  readonly everyone: Instant
  readonly writer: number
  /** The process that ran the write. */
  readonly own: Instant
}

/** What is known of one id. */
interface Known {
  /** The newest that the database took. */
  newest: number
  bindings: Binding[]
}

/** So many bindings of an id are kept before those are dropped that later ones make superfluous. */
const KEPT = 64
/** Nobody is asked about anything that is older, in ms. */
const HORIZON = 2 * MAX_STALE

/**
 * The contract, C0 to C3, as far as one answer by itself can break it. All instants are those of this process: a write binds from when
 * its client had the answer, which is later than its acknowledgement, and a read counts from when it was sent, which is before it was judged.
 */
export class Checker {
  readonly #ids = new Map<string, Known>()

  /** The database took a version. */
  committed(id: string, version: number): void {
    const known = this.#known(id)
    known.newest = Math.max(known.newest, version)
  }

  /**
   * A write was answered.
   *
   * @param everywhere Redis has confirmed its bump
   */
  acknowledged(id: string, version: number, writer: number, at: Instant, everywhere: boolean): void {
    const known = this.#known(id)
    known.bindings.push({ version, writer, own: at, everyone: everywhere ? at : Number.POSITIVE_INFINITY })
    if (known.bindings.length > KEPT) known.bindings = needed(known.bindings, at - HORIZON)
  }

  /** What is wrong with an answer, in one sentence; undefined where nothing is. */
  judge(answered: Answered): string | undefined {
    const { id, url, text, process, label } = answered
    const version = versionIn(text, url)
    if (version === undefined) return `${url} was answered with other bytes: ${JSON.stringify(text.slice(0, 60))}`
    const { newest } = this.#known(id)
    if (version > newest) return `${url} was answered with ${version}; the newest is ${newest}`
    const floor = this.#floor(answered)
    if (version >= floor) return undefined
    return `${url} was answered with ${version} by process ${process} (${label.outcome}${label.degraded ? ', degraded' : ''}); it had to be ${floor} at least, ${newest} is the newest`
  }

  /** The oldest version that may answer. */
  #floor({ id, route, start, label, process }: Answered): number {
    const limit = label.degraded ? MAX_STALE : route.bound
    const binding = this.#known(id).bindings.filter(
      ({ everyone, writer, own }) => everyone <= start - limit || (writer === process && own <= start),
    )
    return Math.max(0, ...binding.map(({ version }) => version))
  }

  #known(id: string): Known {
    const known = this.#ids.get(id) ?? { newest: 0, bindings: [] }
    this.#ids.set(id, known)
    return known
  }
}

/** Without those that bound everyone before `since` and are older than another one that did. */
function needed(bindings: readonly Binding[], since: Instant): Binding[] {
  const least = Math.max(0, ...bindings.filter(({ everyone }) => everyone <= since).map(({ version }) => version))
  return bindings.filter(({ version }) => version >= least)
}

// From when on a write binds its readers.
import type { History, Instant, Interruption, Write } from '../history.ts'
import { groupBy } from './sorted.ts'
import { Spans } from './spans.ts'

/** Within this time after Redis answers again everything holds as before; a journal is told to it by then. */
export const RECOVERY = 1_000

const NEVER = Number.POSITIVE_INFINITY

/** What the acknowledgement of a write depends on. */
export type Circumstances = Pick<History, 'outages' | 'upheavals' | 'interruptions'>

/** Says of each write from when on it is to be seen. */
export class Acknowledgements {
  readonly #outages: Spans
  readonly #disturbed: Spans
  readonly #interruptions: ReadonlyMap<string, Interruption[]>

  constructor({ outages, upheavals, interruptions }: Circumstances) {
    this.#outages = new Spans(outages)
    this.#disturbed = new Spans([...outages, ...upheavals])
    this.#interruptions = groupBy(interruptions, ({ process }) => process)
  }

  /** From when on the process that ran the write must not be behind it: its answer left. */
  bindsWriterFrom(write: Write): Instant {
    return succeeded(write) ? write.end : NEVER
  }

  /**
   * From when on every process is bound: where Redis confirmed the bump, once the answer left; where it did not, once the journal was
   * replayed, and never where the process died or stood still before that. A write that announced itself binds everyone from its commit
   * on, whatever becomes of the writer: its marker sends them to the handler.
   */
  bindsEveryoneFrom(write: Write): Instant {
    if (this.#isAnnounced(write)) return write.committedAt
    if (!succeeded(write) || write.applied === undefined) return NEVER
    if (write.applied === 'everywhere') return write.end
    const replayed = this.#replayedBy(write.end)
    return this.#interruptedWithin(write, replayed).length === 0 ? replayed : NEVER
  }

  /** The marker stood from before the commit, and nothing took it away before the bump or the writer's death. */
  #isAnnounced(write: Write): boolean {
    if (
      write.mode !== 'intent' ||
      this.#disturbed.overlap(write.start, Math.min(write.end, write.committedAt + RECOVERY))
    )
      return false
    const pauses = this.#interruptedWithin(write, write.end).filter(({ kind }) => kind === 'paused')
    return pauses.length === 0
  }

  #replayedBy(journalled: Instant): Instant {
    const end = this.#outages.endOf(journalled, journalled + RECOVERY)
    return (end ?? journalled) + RECOVERY
  }

  #interruptedWithin({ process, start }: Write, until: Instant): readonly Interruption[] {
    return (this.#interruptions.get(process) ?? []).filter(({ at }) => at >= start && at <= until)
  }
}

function succeeded({ status, end }: Write): boolean {
  return status < 400 && end < NEVER
}

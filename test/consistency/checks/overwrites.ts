// When a value was overwritten: the one question that every clause about staleness asks.
import type { History, Instant, Read, Write } from '../history.ts'
import { Acknowledgements, type Circumstances } from './acknowledged.ts'
import { countUpTo, groupBy, sortBy } from './sorted.ts'

/** The first write that made a value old, and from when on it did. */
export interface Overwrite {
  readonly write: Write
  readonly from: Instant
}

/** Writes of later values, the smallest value first, each with the earliest overwrite among it and those after it. */
interface Timeline {
  readonly writes: readonly Write[]
  readonly earliest: readonly (Overwrite | undefined)[]
}

/** Answers in O(log n) when a value became old, for everyone or for the process that wrote. */
export class Overwrites {
  readonly #everyone: ReadonlyMap<string, Timeline>
  readonly #writers: ReadonlyMap<string, Timeline>

  constructor(history: Circumstances & Pick<History, 'writes'>) {
    const acknowledged = new Acknowledgements(history)
    this.#everyone = timelines(history.writes, byTag, (write) => acknowledged.bindsEveryoneFrom(write))
    this.#writers = timelines(history.writes, byProcess, (write) => acknowledged.bindsWriterFrom(write))
  }

  /** The earliest write after which no process may take the value for the present one. */
  everywhere(tag: string, value: number): Overwrite | undefined {
    return lookUp(this.#everyone.get(tag), value)
  }

  /** The same for the process that read, which knows of its own writes at once. */
  onProcess({ process, tag, value }: Pick<Read, 'process' | 'tag' | 'value'>): Overwrite | undefined {
    return lookUp(this.#writers.get(byProcess({ process, tag })), value)
  }
}

const byTag = ({ tag }: Pick<Write, 'tag'>) => tag
const byProcess = ({ process, tag }: Pick<Write, 'process' | 'tag'>) => `${process} ${tag}`

function timelines(
  writes: readonly Write[],
  keyOf: (write: Write) => string,
  bindsFrom: (write: Write) => Instant,
): Map<string, Timeline> {
  const grouped = groupBy(writes, keyOf)
  return new Map([...grouped].map(([key, group]) => [key, timelineOf(group, bindsFrom)]))
}

function timelineOf(group: readonly Write[], bindsFrom: (write: Write) => Instant): Timeline {
  const writes = sortBy(group, ({ value }) => value)
  const earliest: (Overwrite | undefined)[] = []
  let best: Overwrite | undefined
  for (let i = writes.length - 1; i >= 0; i--) {
    const from = bindsFrom(writes[i]!)
    if (from < (best?.from ?? Number.POSITIVE_INFINITY)) best = { write: writes[i]!, from }
    earliest[i] = best
  }
  return { writes, earliest }
}

function lookUp(timeline: Timeline | undefined, value: number): Overwrite | undefined {
  return timeline?.earliest[countUpTo(timeline.writes, value, (write) => write.value)]
}

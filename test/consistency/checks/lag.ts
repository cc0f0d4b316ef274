// How long after a write other processes went on with the old answer.
import type { History, Instant, Read, Write } from '../history.ts'
import { Acknowledgements } from './acknowledged.ts'
import { Overwrites } from './overwrites.ts'
import { countUpTo, groupBy, sortBy } from './sorted.ts'

/** Lags in milliseconds. */
export interface LagSummary {
  /** Pairs of a write and another process that read the tag soon after it. */
  readonly samples: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

/** How soon a process must have asked for its answer to tell when it stopped serving the old one, in ms. */
const SOON = 100

/**
 * For each write and each other process, routes that may lag: the last start of a request that was still answered with an older value, in milliseconds after
 * the acknowledgement; 0 where there was none.
 */
export function lagsOf(history: History): number[] {
  const acknowledged = new Acknowledgements(history)
  const lagging = history.reads.filter(({ route }) => route.bound > 0)
  const worst = worstByPair(history, lagging)
  const grouped = groupBy(lagging, ({ process, tag }) => `${tag} ${process}`)
  const reads = new Map([...grouped].map(([key, all]) => [key, sortBy(all, ({ start }) => start)]))
  return history.writes.flatMap((write) => {
    const from = acknowledged.bindsEveryoneFrom(write)
    if (from === Number.POSITIVE_INFINITY) return []
    const others = [...history.births.keys()].filter((process) => process !== write.process)
    return others
      .filter((process) => askedSoonAfter(reads.get(`${write.tag} ${process}`) ?? [], from))
      .map((process) => worst.get(pairKey(write, process)) ?? 0)
  })
}

/** Percentiles of lags. */
export function summaryOf(lags: readonly number[]): LagSummary {
  const sorted = sortBy(lags, (lag) => lag)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
  return { samples: sorted.length, p50: at(0.5), p99: at(0.99), worst: sorted.at(-1) ?? 0 }
}

const pairKey = (write: Write, process: string) => `${write.id} ${process}`

function worstByPair(history: History, reads: readonly Read[]): Map<string, number> {
  const overwrites = new Overwrites(history)
  const worst = new Map<string, number>()
  for (const read of reads) {
    const overwrite = overwrites.everywhere(read.tag, read.value)
    if (overwrite === undefined || overwrite.from >= read.start || overwrite.write.process === read.process) continue
    const key = pairKey(overwrite.write, read.process)
    worst.set(key, Math.max(worst.get(key) ?? 0, read.start - overwrite.from))
  }
  return worst
}

function askedSoonAfter(sorted: readonly Read[], from: Instant): boolean {
  const next = sorted[countUpTo(sorted, from, ({ start }) => start)]
  return next !== undefined && next.start <= from + SOON
}

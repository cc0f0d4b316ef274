// Writes histories down while they happen.
import type { History, Instant, Interruption, Read, Run, Span, Write } from './history.ts'
import type { MemberLog } from './stage/member.ts'
import type { OriginLog } from './stage/origin.ts'

/** A write as its client knows it; what it wrote, and what became of the bump, others tell. */
export type SeenWrite = Omit<Write, 'value' | 'committedAt' | 'applied' | 'op'>

/** Everything that was told in one run. */
class Notes {
  readonly reads: Read[] = []
  readonly runs: Run[] = []
  readonly interruptions: Interruption[] = []
  readonly troubles: string[] = []
  readonly outages: Span[] = []
  readonly upheavals: Span[] = []
  readonly seen = new Map<number, SeenWrite>()
  readonly commits = new Map<number, Pick<Write, 'value' | 'committedAt'>>()
  readonly applied = new Map<number, Write['applied']>()
  readonly kept = new Map<number, string>()
  quietSince: Instant | undefined
}

/** Listens to clients, registers, processes and faults, for one run after another. */
export class Recorder implements MemberLog, OriginLog {
  readonly #births = new Map<string, Instant>()
  #notes = new Notes()

  /** Begins a history. Processes live on from one to the next. */
  begin(): void {
    this.#notes = new Notes()
  }

  read(read: Read): void {
    this.#notes.reads.push(read)
  }

  wrote(write: SeenWrite): void {
    this.#notes.seen.set(write.id, write)
  }

  run(run: Run): void {
    this.#notes.runs.push(run)
  }

  committed(write: number, value: number, committedAt: Instant): void {
    this.#notes.commits.set(write, { value, committedAt })
  }

  bumped(write: number, applied: 'everywhere' | 'locally'): void {
    this.#notes.applied.set(write, applied)
  }

  kept(request: number, versions: string): void {
    this.#notes.kept.set(request, versions)
  }

  born(process: string, at: Instant): void {
    this.#births.set(process, at)
  }

  interrupted(interruption: Interruption): void {
    this.#notes.interruptions.push(interruption)
  }

  trouble(what: string): void {
    this.#notes.troubles.push(what)
  }

  outage(span: Span): void {
    this.#notes.outages.push(span)
  }

  upheaval(span: Span): void {
    this.#notes.upheavals.push(span)
  }

  /** The last fault is over, and the last write done. */
  quiet(at: Instant): void {
    this.#notes.quietSince = at
  }

  /** Whether Redis confirmed the bump of this write. */
  isEverywhere(write: number): boolean {
    return this.#notes.applied.get(write) === 'everywhere'
  }

  /** What happened since `begin()`. */
  history(): History {
    const { seen, commits, applied, kept, ...notes } = this.#notes
    const writes = [...seen.values()].flatMap((write): Write[] => {
      const commit = commits.get(write.id)
      // What never reached its register changed nothing.
      return commit === undefined ? [] : [{ ...write, ...commit, op: 'write', applied: applied.get(write.id) }]
    })
    const runs = notes.runs.map((run) => ({ ...run, versions: kept.get(run.request) }))
    return { ...notes, runs, writes, births: new Map(this.#births) }
  }
}

/** Walks through the chapters over real HTTP and compares what happened with what must happen. */
import { readCacheStatus, type Verdict } from './cache-status.ts'
import type { Chapter, Expected, Step } from './chapters.ts'
import { type Reply, send } from './client.ts'
import type { Recorder } from './recorder.ts'
import type { Report } from './report.ts'

export interface Journey {
  chapters: readonly Chapter[]
  /** Ports of the servers. Both are asked for by the name of the first, as by a load balancer. */
  ports: { first: number; second: number | undefined }
  recorder: Recorder
  /** How often a handler has run so far. */
  runs(): number
  report: Report
}

interface Told {
  outcome: string
  tier?: string | undefined
}

/** What one step was seen to do. */
export interface Seen extends Told {
  step: Step
  runs: number
  /** From sending the first byte to having read the last one of the last answer. */
  ms: number
  /** What was not as expected, in words. */
  problems: string[]
}

/** Takes the tour and tells what each step did. */
export async function takeTour({ chapters, report, ...journey }: Journey): Promise<Seen[]> {
  const taken: Seen[] = []
  report.head(chapters)
  for (const { title, steps } of chapters) {
    report.chapter(title)
    for (const step of steps) {
      const seen = await patiently(step, () => take(step, journey))
      report.step(seen)
      taken.push(seen)
    }
  }
  journey.recorder.stop()
  return taken
}

/** Repeats a step that may need time, until it is as expected or the time is over. */
async function patiently(step: Step, attempt: () => Promise<Seen>): Promise<Seen> {
  const deadline = performance.now() + (step.within ?? 0)
  let seen = await attempt()
  while (seen.problems.length > 0 && performance.now() < deadline) seen = await attempt()
  return seen
}

async function take(step: Step, { ports, recorder, runs }: Omit<Journey, 'chapters' | 'report'>): Promise<Seen> {
  const port = ports[step.server ?? 'first']
  if (port === undefined) throw new Error('There is no second server')
  const runsBefore = runs()
  recorder.start()
  const { replies, ms } = await send({ port, host: `127.0.0.1:${ports.first}` }, step, step.times ?? 1)
  const told = summarize(await readEvents(step, recorder))
  const shown = step.method === 'GET' ? summarize(replies.map((reply) => readCacheStatus(reply.cacheStatus))) : told
  const seen = { step, ...shown, runs: runs() - runsBefore, ms }
  return { ...seen, problems: [...compare(step.expected, seen, told), ...checkReplies(step.expected, replies)] }
}

/** A read is told by its own event, a write by that of its bump. */
async function readEvents(step: Step, recorder: Recorder): Promise<Verdict[]> {
  if (step.method !== 'GET') return (await recorder.take('bump', 1)).map(() => ({ outcome: 'bump', tier: undefined }))
  const events = await recorder.take('request', step.times ?? 1)
  return events.map(({ outcome, tier }) => ({ outcome, tier: outcome === 'hit' ? tier : undefined }))
}

/** `hit` for one answer, `1 miss, 49 collapsed` for several. */
function summarize(verdicts: readonly Verdict[]): Told {
  const counts = new Map<string, number>()
  for (const { outcome = 'nothing' } of verdicts) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const parts = [...counts].sort(([, one], [, other]) => one - other)
  const outcome = verdicts.length === 1 ? parts[0]?.[0] : parts.map(([name, count]) => `${count} ${name}`).join(', ')
  return { outcome: outcome || 'nothing', tier: verdicts[0]?.tier }
}

function compare(expected: Expected, seen: Omit<Seen, 'problems'>, told: Told): string[] {
  const wanted = describe(expected)
  const problems: string[] = []
  if (describe(seen) !== wanted) problems.push(`expected ${wanted}, the answer says ${describe(seen)}`)
  if (describe(told) !== wanted) problems.push(`expected ${wanted}, the events say ${describe(told)}`)
  if (seen.runs !== expected.runs) problems.push(`expected ${expected.runs} handler runs, counted ${seen.runs}`)
  return problems
}

function describe({ outcome, tier }: Told): string {
  return tier === undefined ? outcome : `${outcome} in ${tier.toUpperCase()}`
}

function checkReplies({ shows = '' }: Expected, replies: readonly Reply[]): string[] {
  const failed = replies.find(({ status }) => status >= 400)
  if (failed !== undefined) return [`status ${failed.status}: ${failed.body}`]
  return replies.every(({ body }) => body.includes(shows)) ? [] : [`the body does not show ${shows}`]
}

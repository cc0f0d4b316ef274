// Plays many sequences on servers that they share, and shrinks the first one that shows a difference.
import fc from 'fast-check'
import { sequences } from './arbitrary-sequence.ts'
import { loseNoTime } from './client.ts'
import { expressSite } from './express-site.ts'
import { koaSite } from './koa-site.ts'
import type { Sequence } from './plan.ts'
import { type Ground, Play, type Tally } from './play.ts'

/** What is to be played. */
export interface Campaign {
  readonly sequences: number
  readonly seed: number
  /** fast-check's way to one sequence, as a failure names it. */
  readonly path?: string | undefined
  /** URL of a Redis for a part of the sequences. */
  readonly redis: string | undefined
}

/** What came of it. */
export interface Outcome extends Tally {
  readonly sequences: number
  /** What differed, with the seed and the shrunk sequence. */
  readonly failure: string | undefined
}

type Where = `${Sequence['framework']}${' with Redis' | ''}`

/** Sequences under way at the same time: their timers and sockets leave the processor to each other. */
const LANES = 8
/** Seeds of neighbouring lanes are so far apart. */
const STRIDE = 7_919

/** Resolves when all is played, or something differed. */
export async function runCampaign({ sequences: numRuns, seed, path, redis }: Campaign): Promise<Outcome> {
  const grounds = await openGrounds(redis)
  const tally: Tally = { answers: 0, hits: 0, collapsed: 0 }
  const lanes = path === undefined ? Math.min(LANES, numRuns) : 1
  let played = 0
  let failing: number | undefined
  const play = (lane: number) => {
    const property = fc.asyncProperty(sequences(redis !== undefined), async (sequence) => {
      // One difference is enough: the others leave it to be shrunk.
      if (failing !== undefined && failing !== lane) return
      const ground = grounds.get(`${sequence.framework}${sequence.redis ? ' with Redis' : ''}`)!
      const found = await new Play(ground, sequence, `/p${played++}`, tally).run()
      if (found === undefined) return
      failing = lane
      loseNoTime()
      throw new Difference(found)
    })
    const share = Math.ceil((numRuns - lane) / lanes)
    const chosen = path === undefined ? { numRuns: share } : { path, endOnFailure: true }
    return fc.check(property, { seed: (seed + lane * STRIDE) | 0, ...chosen })
  }
  try {
    const all = await Promise.all(Array.from({ length: lanes }, (_, lane) => play(lane)))
    const failure = all.find((details) => details.failed)
    const count = all.reduce((sum, details) => sum + details.numRuns, 0)
    return { ...tally, sequences: count, failure: failure === undefined ? undefined : report(failure) }
  } finally {
    await Promise.all([...grounds.values()].map(close))
  }
}

function report({ seed, counterexamplePath, counterexample, errorInstance }: fc.RunDetails<[Sequence]>): string {
  const [sequence] = counterexample ?? []
  return [`--seed ${seed} --path ${counterexamplePath}`, described(errorInstance), JSON.stringify(sequence)].join('\n')
}

/** The bare and the cached application differ. */
class Difference extends Error {}

function described(error: unknown): string {
  if (error instanceof Difference) return error.message
  return error instanceof Error ? `${error.stack}` : String(error)
}

async function openGrounds(redis: string | undefined): Promise<Map<Where, Ground>> {
  const grounds = new Map<Where, Ground>()
  for (const [framework, open] of [
    ['Express', expressSite],
    ['Koa', koaSite],
  ] as const) {
    const bare = await open(undefined)
    grounds.set(framework, { bare, cached: [await open({})] })
    if (redis === undefined) continue
    const options = { redis, namespace: framework }
    grounds.set(`${framework} with Redis`, { bare, cached: [await open(options), await open(options)] })
  }
  return grounds
}

async function close({ bare, cached }: Ground): Promise<void> {
  for (const site of [bare, ...cached]) await site.stop().catch(() => undefined)
}

// One kind of pressure on a cached route and on a bare one in turn, and what came out of it.
import { ratio, type Spread, spread } from '../shared/statistics.ts'
import type { Load } from './crowd.ts'
import type { Row, Verdict } from './row.ts'
import { type Sample, type Setting, Stage } from './stage.ts'

/** A load under both names, and what is asked of it. */
export interface Duel {
  readonly name: string
  readonly setting: Setting
  /** Requests of each connection, one after the other. @default 1 */
  readonly times?: number
  /** Each round asks for the same: what was learned of it may be of use. @default each round has a key of its own */
  readonly isOneKey?: boolean
  /** What must hold of all rounds: of the cached side, beside the bare one of the same round. */
  readonly verdicts: (rounds: readonly Round[], setting: Setting) => readonly Verdict[]
}

/** Both sides of one round. */
export interface Round {
  readonly bare: Sample
  readonly cached: Sample
}

/** How a duel is fought. */
export interface Rules {
  readonly rounds: number
  /** Requests of each process and side before the first round: code that is not compiled yet is slow. */
  readonly warmUp: number
  readonly folder: string
  /** What Node is told before a server, such as to write profiles. */
  readonly nodeArgs: readonly string[]
}

/** Keys that are asked for before the first round. */
const WARM_UP_KEYS = 10
/** How much longer an answer of one side may be, in bytes: a `Cache-Status` says more or less. */
const SAME_BYTES = 100

/** Fights it A B, B A, A B …, each round on a key of its own. */
export async function fight(framework: string, duel: Duel, rules: Rules): Promise<Row> {
  const stage = await Stage.start(framework, duel.setting, rules.folder, rules.nodeArgs)
  try {
    const rounds: Round[] = []
    await warmUp(stage, duel, rules.warmUp)
    for (let round = 0; round <= rules.rounds; round++) {
      const fought = await playRound(stage, duel, round)
      // The first one only shows the way.
      if (round > 0) rounds.push(fought)
    }
    return rowOf(framework, duel, rounds)
  } finally {
    await stage.stop()
  }
}

async function warmUp(stage: Stage, { setting: { processes, connections } }: Duel, requests: number): Promise<void> {
  const times = Math.ceil((requests * processes) / connections)
  for (const side of ['bare', 'cached']) {
    const paths = Array.from({ length: WARM_UP_KEYS }, (_, key) => `/${side}?warm-up=${key}`)
    await stage.play({ paths, times }, 0)
  }
}

async function playRound(stage: Stage, { times = 1, isOneKey = false, name }: Duel, round: number): Promise<Round> {
  const bare = (): Promise<Sample> => stage.play(load('bare'))
  const cached = (): Promise<Sample> => stage.play(load('cached'))
  const load = (side: string): Load => ({ paths: [`/${side}?round=${isOneKey ? 0 : round}`], times })
  const [first, second] = round % 2 === 0 ? [bare, cached] : [cached, bare]
  const [one, other] = [await first(), await second()]
  const fought = round % 2 === 0 ? { bare: one, cached: other } : { bare: other, cached: one }
  agree(name, fought)
  return fought
}

/** A share of something else is no share. */
function agree(name: string, { bare, cached }: Round): void {
  if (Math.abs(bare.bytes - cached.bytes) > SAME_BYTES)
    throw new Error(`${name}: the bare route answers ${bare.bytes} bytes, the cached one ${cached.bytes}`)
  if (bare.differing + cached.differing > 0) throw new Error(`${name}: some answers have another body`)
}

function rowOf(framework: string, { name, setting, verdicts }: Duel, rounds: readonly Round[]): Row {
  const cached = (field: NumberField) => rounds.map((round) => round.cached[field])
  const bare = (field: NumberField) => rounds.map((round) => round.bare[field])
  const share = (field: NumberField): Spread => ratio(cached(field), bare(field))
  return {
    name,
    framework,
    ...setting,
    requests: rounds[0]!.cached.requests,
    runs: spread(cached('runs')),
    lookUps: setting.redis ? spread(cached('lookUps')) : undefined,
    outcomes: rounds.at(-1)!.cached.outcomes,
    statuses: rounds.at(-1)!.cached.statuses,
    p50: { cached: spread(cached('p50')), bare: spread(bare('p50')), share: share('p50') },
    p99: { cached: spread(cached('p99')), bare: spread(bare('p99')), share: share('p99') },
    slowest: { cached: spread(cached('slowest')), bare: spread(bare('slowest')), share: share('slowest') },
    cpu: { cached: spread(cached('cpu')), bare: spread(bare('cpu')), share: share('cpu') },
    others: spread(rounds.flatMap((round) => [round.bare.others, round.cached.others])),
    verdicts: verdicts(rounds, setting),
  }
}

type NumberField = 'p50' | 'p99' | 'slowest' | 'cpu' | 'runs' | 'lookUps'

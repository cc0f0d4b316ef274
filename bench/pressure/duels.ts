// The kinds of pressure that a bare route is put under as well, and what is asked of each.
import { ratio } from '../shared/statistics.ts'
import type { Duel, Round } from './duel.ts'
import type { Verdict } from './row.ts'
import type { Sample } from './stage.ts'

/** What the slowest of a hundred may take, as a share of a bare route that answers the same bytes after the same delay. */
const SHARE = 1.1
/** Milliseconds that a handler takes. */
const DELAY = 100

/** How large the crowds are. */
export interface Sizes {
  readonly crowd: number
  readonly failing: number
}

/** All of them. */
export function duels({ crowd, failing }: Sizes): readonly Duel[] {
  const many = crowd.toLocaleString('en-US')
  return [
    {
      name: `${many} at once, one cold key`,
      setting: { kind: 'cold', processes: 1, redis: false, connections: crowd, delay: DELAY },
      verdicts: (rounds) => [always(rounds, 'runs', 1), sharing(rounds, 'p99')],
    },
    {
      name: `${many} at once, one cold key, 4 processes, lock: 'fleet'`,
      setting: { kind: 'fleet', processes: 4, redis: true, connections: crowd, delay: DELAY },
      verdicts: (rounds) => [always(rounds, 'runs', 1), sharing(rounds, 'p99')],
    },
    {
      name: `${many} at once, memory cold, Redis warm, 4 processes; bare: one GET each`,
      setting: { kind: 'warm', processes: 4, redis: true, connections: crowd, delay: 0 },
      verdicts: (rounds) => [always(rounds, 'runs', 0), always(rounds, 'lookUps', 4), sharing(rounds, 'p99')],
    },
    {
      name: `${failing.toLocaleString('en-US')} at once, the handler fails after ${DELAY} ms`,
      setting: { kind: 'failing', processes: 1, redis: false, connections: failing, delay: DELAY },
      verdicts: (rounds) => [noConvoy(rounds)],
    },
    {
      name: '50 at a time, an answer with Set-Cookie',
      times: 5,
      isOneKey: true,
      setting: { kind: 'unstorable', processes: 1, redis: false, connections: 50, delay: DELAY },
      verdicts: (rounds) => [sharing(rounds, 'p50'), sharing(rounds, 'p99')],
    },
  ]
}

function always(rounds: readonly Round[], field: 'runs' | 'lookUps', count: number): Verdict {
  const counts = rounds.map(({ cached }) => cached[field])
  const name = field === 'runs' ? 'runs' : 'GETs'
  return {
    asked: `${count} ${name}`,
    got: [...new Set(counts)].join(', '),
    met: counts.every((one) => one === count),
  }
}

function sharing(rounds: readonly Round[], field: 'p50' | 'p99'): Verdict {
  const of = (side: keyof Round) => rounds.map((round): Sample[typeof field] => round[side][field])
  const { median } = ratio(of('cached'), of('bare'))
  return { asked: `${field} ≤ ${SHARE} × bare`, got: median.toFixed(2), met: median <= SHARE }
}

/** What the handler takes under this load is what the slowest of the bare route takes. */
function noConvoy(rounds: readonly Round[]): Verdict {
  const times = ratio(
    rounds.map(({ cached }) => cached.slowest),
    rounds.map(({ bare }) => bare.slowest),
  )
  return {
    asked: 'slowest ≤ 2 × bare',
    got: `${times.median.toFixed(2)} (${times.lowest.toFixed(2)}–${times.highest.toFixed(2)})`,
    met: times.median <= 2,
  }
}

// A handler that fails for a while on a route with `staleIfError`: who has been seen once is never failed, and hardly anyone asks.
import { setTimeout as pause } from 'node:timers/promises'
import { spread } from '../shared/statistics.ts'
import type { Rules } from './duel.ts'
import type { Row, Verdict } from './row.ts'
import { type Setting, Stage } from './stage.ts'

const KEYS = Array.from({ length: 10 }, (_, key) => `/cached?key=${key}`)
const setting: Setting = { kind: 'spell', processes: 1, redis: false, connections: 20, delay: 10 }
/** Milliseconds between an answer and the next request of a connection: a thousand requests a second. */
const PAUSE = 20
/** Milliseconds of the route's ttl, and some more. */
const AGED = 1_200

/** How long the handler fails, and how often it may be asked for one key meanwhile. In seconds. */
export interface SpellLength {
  readonly seconds: number
  readonly interval: number
}

/** Lets the handler of a route fail, and counts. */
export async function spell(framework: string, { seconds, interval }: SpellLength, rules: Rules): Promise<Row> {
  const kind = interval === 1 ? 'short-spell' : 'spell'
  const stage = await Stage.start(framework, { ...setting, kind }, rules.folder, rules.nodeArgs)
  try {
    await stage.play({ paths: KEYS, times: KEYS.length })
    await pause(AGED)
    await stage.set({ fails: true })
    const met = await stage.ask({ paths: KEYS, seconds, pause: PAUSE })
    const { starts } = await stage.spent()
    const byKey = KEYS.map((key) => starts[0]![key] ?? [])
    return {
      ...setting,
      name: `the handler fails for ${seconds} s, staleIfError, asked again every ${interval} s`,
      framework,
      requests: met.requests,
      runs: spread([byKey.flat().length]),
      outcomes: met.outcomes,
      statuses: met.statuses,
      verdicts: [failed(met.requests, met.statuses), asked(byKey, interval)],
    }
  } finally {
    await stage.stop()
  }
}

function failed(requests: number, statuses: Readonly<Record<string, number>>): Verdict {
  const count = requests - (statuses['200'] ?? 0)
  return { asked: '0 failed', got: `${count} of ${requests.toLocaleString('en-US')}`, met: count === 0 }
}

/** Two runs of one key begin no sooner after each other than the interval. */
function asked(byKey: readonly (readonly number[])[], interval: number): Verdict {
  const gaps = byKey.flatMap((starts) => starts.slice(1).map((start, i) => (start - starts[i]!) / 1_000))
  const most = Math.max(...byKey.map(({ length }) => length))
  const least = Math.min(...gaps)
  return {
    asked: `≤ 1 run per key and ${interval} s`,
    got: `at most ${most} per key${gaps.length === 0 ? '' : `, ${least.toFixed(2)} s apart at least`}`,
    met: least >= interval,
  }
}

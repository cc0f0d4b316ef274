// The command line.
import { parseArgs } from 'node:util'

/** What is to be run. */
export interface Options {
  readonly minutes: number
  readonly rate: number
  readonly processes: number
  readonly ids: number
  readonly seed: number
  /** The verdict's table in the documents is to be replaced. */
  readonly write: boolean
}

export const USAGE = `npm run soak -- [options]

  --minutes N      how long (default 10); a fraction is for trying
  --rate N         requests per second to all processes together (default 2000)
  --processes N    1 to 8, Express and Koa in turn (default 1)
  --ids N          what may be asked for (default 300; many more make most requests runs)
  --seed S         what was drawn before is drawn again
  --write          replace the table in docs/pressure.md`

/** @throws Error with what is wrong, in one sentence */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '2000' },
      processes: { type: 'string', default: '1' },
      ids: { type: 'string', default: '300' },
      seed: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  return {
    minutes: number(values.minutes, 'minutes', 0.1, 10_000),
    rate: number(values.rate, 'rate', 1, 100_000),
    processes: number(values.processes, 'processes', 1, 8),
    ids: number(values.ids, 'ids', 1, 1e6),
    seed: number(values.seed ?? `${Math.floor(Math.random() * 2 ** 32)}`, 'seed', 0, 2 ** 32 - 1),
    write: values.write,
  }
}

function number(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (!(value >= least && value <= most)) {
    throw new Error(`--${name} must be a number from ${least} to ${most}, not ${text}`)
  }
  return value
}

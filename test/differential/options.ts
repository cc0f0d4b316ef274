// The command line.
import { parseArgs } from 'node:util'

/** What is to be run. */
export interface Options {
  readonly sequences: number
  readonly seed: number
  readonly path: string | undefined
}

export const USAGE = `node --import tsx/esm test/differential/main.ts [options]

  --sequences N   random applications with their clients (default 10000)
  --seed S        what was drawn before is drawn again (default: any)
  --path P        the one sequence that a failure named, with its seed`

/** @throws Error with what is wrong, in one sentence */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sequences: { type: 'string', default: '10000' },
      seed: { type: 'string' },
      path: { type: 'string' },
    },
  })
  return {
    sequences: number(values.sequences, 'sequences', 1, 1e9),
    seed: number(values.seed ?? `${Math.floor(Math.random() * 2 ** 31)}`, 'seed', -(2 ** 31), 2 ** 31 - 1),
    path: values.path,
  }
}

function number(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (text !== '' && value >= least && value <= most) return Math.floor(value)
  throw new Error(`--${name} must be a number from ${least} to ${most}, not ${text}`)
}

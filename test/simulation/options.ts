// The command line.
import { parseArgs } from 'node:util'
import { allFaults } from './faults.ts'
import { mutants } from './mutants.ts'

/** What is to be run. */
export interface Options {
  readonly faults: readonly string[]
  readonly mutant: string | undefined
  /** Answers to check, of all faults together. */
  readonly reads: number
  readonly seed: number
  readonly workers: number
}

export const USAGE = `node --import tsx/esm test/simulation/main.ts [options]

  --reads N      answers to check, of all faults together (default 1e6)
  --seed S       what was drawn before is drawn again (default: any)
  --workers N    processes that simulate (default 1)
  --fault NAME   this fault only; may be given several times
  --mutant NAME  with a weakened part: it should be caught

faults: ${allFaults.map(({ name }) => name).join(', ')}
mutants: ${mutants.map(({ name }) => name).join(', ')}`

/** @throws Error with what is wrong, in one sentence */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      reads: { type: 'string', default: '1e6' },
      seed: { type: 'string' },
      workers: { type: 'string', default: '1' },
      fault: { type: 'string', multiple: true },
      mutant: { type: 'string' },
    },
  })
  return {
    faults: values.fault ?? allFaults.map(({ name }) => name),
    mutant: values.mutant,
    reads: number(values.reads, 'reads', 1, 1e12),
    seed: number(values.seed ?? `${Math.floor(Math.random() * 2 ** 31)}`, 'seed', 0, 2 ** 32 - 1),
    workers: number(values.workers, 'workers', 1, 64),
  }
}

function number(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (value >= least && value <= most) return Math.floor(value)
  throw new Error(`--${name} must be a number from ${least} to ${most}, not ${text}`)
}

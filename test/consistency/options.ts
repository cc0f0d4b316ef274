// The command line.
import { parseArgs } from 'node:util'
import { allFaults } from './faults/all.ts'
import type { Fault } from './faults/fault.ts'
import { allMutants } from './mutants/all.ts'
import type { Mutant } from './mutants/mutant.ts'

/** What is to be run. */
export interface Options {
  readonly faults: readonly Fault[]
  /** Of all faults together; undefined = what a quick run leaves. */
  readonly seconds: number | undefined
  readonly seed: number
  readonly processes: number
  /** Which safeguards to break; none = faults are run instead. */
  readonly mutants: readonly Mutant[]
  /** Where to write the results, as JSON. */
  readonly json: string | undefined
}

export const USAGE = `npm run consistency -- [options]

  --quick          all faults within 90 s
  --seconds N      each fault for N seconds (default 20)
  --seed S         what was drawn before is drawn again
  --fault NAME     this fault only; may be given several times
  --processes N    3 to 8 (default 3)
  --json FILE      write the results there as well
  --mutants        break each safeguard in turn: every one must be caught
  --mutant NAME    this one only; may be given several times

faults: ${allFaults.map(({ name }) => name).join(', ')}`

/** @throws Error with what is wrong, in one sentence */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      fault: { type: 'string', multiple: true },
      processes: { type: 'string', default: '3' },
      json: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      mutant: { type: 'string', multiple: true },
    },
  })
  const faults = values.fault?.map((name) => named(allFaults, name)) ?? allFaults
  const mutants = values.mutant?.map((name) => named(allMutants, name)) ?? (values.mutants ? allMutants : [])
  return {
    faults,
    seconds: values.quick ? undefined : faults.length * number(values.seconds ?? '20', 'seconds', 3, 86_400),
    seed: number(values.seed ?? `${Math.floor(Math.random() * 2 ** 32)}`, 'seed', 0, 2 ** 32 - 1),
    processes: number(values.processes, 'processes', 2, 8),
    mutants,
    json: values.json,
  }
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const one = all.find((candidate) => candidate.name === name)
  if (one === undefined)
    throw new Error(`Nothing is called ${name}. There are: ${all.map((known) => known.name).join(', ')}`)
  return one
}

function number(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (!(value >= least && value <= most))
    throw new Error(`--${name} must be a number from ${least} to ${most}, not ${text}`)
  return value
}

// The command line.
import { parseArgs } from 'node:util'
import type { AppSettings } from '../app/settings.ts'
import { FAULTS, type Fault } from './faults.ts'
import type { Times } from './trial.ts'

type Framework = AppSettings['framework']

/** A fault and how long it takes. */
export interface Plan {
  readonly framework: Framework
  readonly fault: Fault
  readonly times: Times
}

/** What is to be run. */
export interface Options {
  readonly plans: readonly Plan[]
  /** Where to write the results, as JSON. */
  readonly json: string | undefined
  /** The table in the documents is to be replaced. */
  readonly write: boolean
}

export const USAGE = `npm run chaos -- [options]

  --quick             all faults within 90 s, half of them on Express, half on Koa
  --seconds N         each fault for N seconds under load (default 6; 'killed' 60)
  --fault NAME        this fault only; may be given several times
  --framework NAME    express or koa; both by default
  --rate N            requests per second to the application, and as many to the control (default 150)
  --json FILE         write the results there as well
  --write             replace the table in docs/pressure.md

faults:
${FAULTS.map(({ name, about }) => `  ${name.padEnd(18)}  ${about}`).join('\n')}`

const USUAL = { cycles: 3, slice: 750, around: 1_500 }
const QUICK = { cycles: 1, slice: 600, around: 300 }
const QUICK_SECONDS = 1.2

/** @throws Error with what is wrong, in one sentence */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      fault: { type: 'string', multiple: true },
      framework: { type: 'string' },
      rate: { type: 'string', default: '150' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  const { quick, json, write } = values
  const faults = values.fault?.map(faultNamed) ?? FAULTS
  const seconds = values.seconds === undefined ? undefined : number(values.seconds, 'seconds', 1, 3_600)
  const rate = number(values.rate, 'rate', 1, 5_000)
  const plan = (framework: Framework, fault: Fault): Plan => {
    const lasts = seconds ?? (quick ? (fault.lasts?.quick ?? QUICK_SECONDS) : (fault.lasts?.usual ?? 6))
    return { framework, fault, times: { ...(quick ? QUICK : USUAL), fault: lasts * 1_000, rate } }
  }
  const chosen = values.framework === undefined ? undefined : frameworkNamed(values.framework)
  const plans =
    quick && chosen === undefined
      ? inHalves(faults, plan)
      : (chosen === undefined ? (['Express', 'Koa'] as const) : [chosen]).flatMap((framework) =>
          faults.map((fault) => plan(framework, fault)),
        )
  return { plans, json, write }
}

/** The first half on Express, the rest on Koa. */
function inHalves(faults: readonly Fault[], plan: (framework: Framework, fault: Fault) => Plan): Plan[] {
  return faults.map((fault, i) => plan(i < faults.length / 2 ? 'Express' : 'Koa', fault))
}

function faultNamed(name: string): Fault {
  const fault = FAULTS.find((known) => known.name === name)
  if (fault === undefined) {
    throw new Error(`No fault is called ${name}. There are: ${FAULTS.map((known) => known.name).join(', ')}`)
  }
  return fault
}

function frameworkNamed(name: string): Framework {
  if (name === 'express') return 'Express'
  if (name === 'koa') return 'Koa'
  throw new Error(`--framework must be express or koa, not ${name}`)
}

function number(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (!(value >= least && value <= most)) {
    throw new Error(`--${name} must be a number from ${least} to ${most}, not ${text}`)
  }
  return value
}

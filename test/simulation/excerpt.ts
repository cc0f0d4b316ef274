// Replays a simulation that failed and tells what led to it, as short as it can be told.
import type { Violation } from './judge.ts'
import { type Simulation, simulate } from './simulate.ts'
import type { Line } from './trace.ts'

const LINES = 50
/** Enough for the last seconds. */
const KEPT = 200_000

/** Commands that are sent all the time and say nothing of a thing. */
const CHATTER = /INFO|TIME|PTTL|SETINFO|tiercache:(e|lock):|:bus:|landed/
/** What is done to machines. */
const CALAMITY = /^(dies|is killed|stands still|starts|takes the place|is promised)/

/** Several lines; times are milliseconds since the simulation began. Empty when it does not fail. */
export async function excerpt(simulation: Simulation): Promise<string> {
  const { outcome, world } = await simulate({ ...simulation, lines: KEPT })
  const { violation } = outcome
  if (violation === undefined) return ''
  const { fault, seed, mutant } = simulation
  const head = [
    `${violation.check}: ${violation.message}`,
    `  ${violation.process}, thing:${violation.thing}, at ${violation.at.toFixed(3)}`,
    `  again: --fault ${fault} --seed ${seed}${mutant === undefined ? '' : ` --mutant '${mutant}'`}`,
  ]
  const told = squeezed(world.trace.lines.filter(concerning(violation))).slice(-LINES)
  return [...head, ...told.map(({ at, who, text }) => `${at.toFixed(3).padStart(12)}  ${who.padEnd(8)}  ${text}`)].join(
    '\n',
  )
}

/** What the process did and heard of the thing, what others wrote, and what was done to the machines. */
function concerning({ process, thing, route }: Violation): (line: Line) => boolean {
  const isThing = new RegExp(`\\bthing:${thing}\\b`)
  const isTag = /thing:|tiercache:v:/
  const isOtherRead = (text: string) =>
    text.startsWith('read ') && route !== undefined && !text.startsWith(`read ${route} `)
  return ({ who, text }) => {
    if (who === 'fault' || CALAMITY.test(text)) return true
    if (CHATTER.test(text) || isOtherRead(text)) return false
    if (!isThing.test(text)) return who === process && !isTag.test(text)
    return who === process || who === 'origin' || /write|EVAL/.test(text)
  }
}

/** Of reads that tell the same one after another, the last. */
function squeezed(lines: readonly Line[]): Line[] {
  const told = (line: Line | undefined) => (line?.text.startsWith('read ') === true ? answerOf(line.text) : undefined)
  const result: Line[] = []
  for (const line of lines) {
    const said = told(line)
    if (said !== undefined && said === told(result.at(-1))) result.pop()
    result.push(line)
  }
  return result
}

/** Without the instant at which it was asked, and the ttl that is left. */
function answerOf(text: string): string {
  return text.replace(/from \S+/, '').replace(/ttl=\d+/g, '')
}

// Replays a simulation that failed and tells what led to it, as short as it can be told.
import { type Simulation, simulate } from './simulate.ts'

const LINES = 60
/** Enough for the last seconds. */
const KEPT = 200_000

/** Commands that are sent all the time and say nothing of a thing. */
const CHATTER = /INFO|TIME|PTTL|SETINFO|tiercache:(e|lock):|:bus:|landed/

/** Several lines; times are milliseconds since the simulation began. Empty when it does not fail. */
export async function excerpt(simulation: Simulation): Promise<string> {
  const { outcome, world } = await simulate({ ...simulation, lines: KEPT })
  const { violation } = outcome
  if (violation === undefined) return ''
  const isConcerned = concerning(violation.process, `thing:${violation.thing}`)
  const { fault, seed, mutant } = simulation
  const head = `${violation.check}: ${violation.message}\n  ${violation.process}, thing:${violation.thing}, at ${violation.at.toFixed(3)}`
  const again = `--fault ${fault} --seed ${seed}${mutant === undefined ? '' : ` --mutant ${mutant}`}`
  return `${head}\n  again: ${again}\n${world.trace.last(LINES, isConcerned)}`
}

/** What the process did and heard of the thing, what others wrote, and what was done to the machines. */
function concerning(process: string, thing: string): (who: string, text: string) => boolean {
  const isThing = new RegExp(`\\b${thing}\\b`)
  const isOther = /thing:|tiercache:v:/
  return (who, text) => {
    if (who === 'fault' || /^(dies|is killed|stands still|starts|takes the place)/.test(text)) return true
    if (CHATTER.test(text)) return false
    if (!isThing.test(text)) return who === process && !isOther.test(text)
    return who === process || who === 'origin' || /write|EVAL/.test(text)
  }
}

// `npm run chaos`: Redis fails in every way, before real applications under load; prints what clients saw, and fails where a bound is broken.
import { writeFileSync } from 'node:fs'
import { machine } from '../machine.ts'
import { writeMarked } from '../marked.ts'
import type { Measured } from './measured.ts'
import { type Options, type Plan, readOptions, USAGE } from './options.ts'
import { faultTable, verdictOf } from './report.ts'
import { Stage } from './stage.ts'
import { Trial } from './trial.ts'

/** Each fault finds processes of its own. */
async function measured({ framework, fault, times }: Plan): Promise<Measured> {
  const stage = await Stage.start(framework)
  try {
    return await new Trial(stage, fault, times).run()
  } finally {
    await stage.stop()
  }
}

async function runAll({ plans, json, write }: Options): Promise<boolean> {
  console.log(machine())
  const all: Measured[] = []
  for (const plan of plans) {
    const one = await measured(plan)
    all.push(one)
    console.log(`${plan.fault.name}, ${plan.framework}: ${one.broken.length === 0 ? 'ok' : one.broken.join('; ')}`)
  }
  const broken = verdictOf(all)
  console.log(`\n${faultTable(all)}\n`)
  console.log(broken.length === 0 ? 'All bounds held.' : ['Broken:', ...broken].join('\n'))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine: machine(), all }, undefined, 2)}\n`)
  if (write) writeMarked('chaos', faultTable(all))
  return broken.length === 0
}

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(USAGE)
else process.exitCode = (await runAll(readOptions(args))) ? 0 : 1

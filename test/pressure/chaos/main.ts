// `npm run chaos`: Redis fails in every way, before real applications under load; prints what clients saw, and fails where a bound is broken.
import { writeFileSync } from 'node:fs'
import { machine } from '../machine.ts'
import { writeMarked } from '../marked.ts'
import type { Measured } from './measured.ts'
import { type Options, type Plan, readOptions, USAGE } from './options.ts'
import { faultTable, verdictOf } from './report.ts'
import { Stage } from './stage.ts'
import { Trial } from './trial.ts'

/** The faults of one framework follow each other on the same processes: what one leaves behind, the next one meets. */
class Stages {
  #stage: Stage | undefined

  async of(framework: Stage['framework']): Promise<Stage> {
    if (this.#stage?.framework !== framework || !this.#stage.isWhole) {
      await this.stop()
      this.#stage = await Stage.start(framework)
    }
    return this.#stage!
  }

  async stop(): Promise<void> {
    await this.#stage?.stop()
    this.#stage = undefined
  }
}

async function measured({ framework, fault, times }: Plan, stages: Stages): Promise<Measured> {
  return new Trial(await stages.of(framework), fault, times).run()
}

async function runAll({ plans, json, write }: Options): Promise<boolean> {
  console.log(machine())
  const all: Measured[] = []
  const stages = new Stages()
  try {
    for (const plan of plans) {
      const one = await measured(plan, stages)
      all.push(one)
      console.log(`${one.fault}, ${one.framework}: ${one.broken.length === 0 ? 'ok' : one.broken.join('; ')}`)
    }
  } finally {
    await stages.stop()
  }
  const broken = verdictOf(all)
  console.log(`\n${faultTable(all)}\n`)
  console.log(broken.length === 0 ? 'All bounds held.' : ['Broken:', ...broken].join('\n'))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine: machine(), all }, undefined, 2)}\n`)
  if (write) writeMarked('chaos', `${machine()}\n\n${faultTable(all)}`)
  return broken.length === 0
}

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(USAGE)
else process.exitCode = (await runAll(readOptions(args))) ? 0 : 1

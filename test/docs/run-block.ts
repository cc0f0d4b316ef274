// Runs one code block of a document by its language: a module, commands that must succeed, or a session with what it prints.
import { expect } from 'chai'
import type { Block } from './blocks.ts'
import { normalise } from './normalise.ts'
import type { Workbench } from './workbench.ts'

/** What blocks run on. */
export type Bench = Pick<Workbench, 'add' | 'run'>

const runners: Readonly<Record<string, (bench: Bench, block: Block) => Promise<void>>> = {
  js: runModule,
  ts: runModule,
  sh: runCommands,
  console: runSession,
}

/** Runs a block; rejects when it fails, prints something else than it shows, or is of a kind that nothing runs. */
export async function runBlock(bench: Bench, block: Block): Promise<void> {
  const run = runners[block.language]
  if (run === undefined) throw new Error(`Nothing runs a block of "${block.language}" (line ${block.line})`)
  await run(bench, block)
}

/** Code goes into the file that its fence names. */
async function runModule(bench: Bench, { file, code, line }: Block): Promise<void> {
  if (file === undefined) throw new Error(`The block of line ${line} names no file that its code belongs to`)
  await bench.add(file, code)
}

/** Each line is a command that must succeed. */
async function runCommands(bench: Bench, { code, line }: Block): Promise<void> {
  const commands = code.split('\n').filter((text) => text.trim() !== '')
  if (commands.length === 0) throw new Error(`The block of line ${line} is empty`)
  for (const command of commands) {
    const { code: exit, output } = await bench.run(command)
    expect(exit, `${command}\n${output}`).to.equal(0)
  }
}

/** Lines with a prompt are commands, those below are what they print. */
async function runSession(bench: Bench, { code, line }: Block): Promise<void> {
  const [before, ...steps] = code.split(/^\$ /m)
  if (before !== '' || steps.length === 0) throw new Error(`The session of line ${line} does not begin with a prompt`)
  for (const step of steps) {
    const [command = '', ...shown] = step.split('\n')
    const { output } = await bench.run(command)
    expect(normalise(output), command).to.equal(normalise(shown.join('\n')))
  }
}

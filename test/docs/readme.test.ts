// Every code block of the README runs: modules as modules, commands against the servers that stand above them, with the output they show.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Block, blocksOf, unfencedCode } from './blocks.ts'
import { normalise } from './normalise.ts'
import { Workbench } from './workbench.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** How a block of a language runs. */
const runners: Readonly<Record<string, (bench: Workbench, block: Block) => Promise<void>>> = {
  js: runModule,
  ts: runModule,
  sh: runCommands,
  console: runSession,
}

describe('the README', () => {
  let bench: Workbench

  before(async function () {
    this.timeout(60_000)
    bench = await Workbench.open()
  })
  after(() => bench.close())

  for (const block of blocksOf(readme)) {
    it(`runs its ${block.language} block of line ${block.line}`, async function () {
      this.timeout(120_000)
      const run = runners[block.language]
      if (run === undefined) throw new Error(`Nothing runs a block of "${block.language}"`)
      await run(bench, block)
    })
  }

  it('has modules without a type error', async function () {
    this.timeout(120_000)
    expect((await bench.checkTypes()).output).to.equal('')
  })

  it('has no code that nothing runs', () => expect(unfencedCode(readme)).to.deep.equal([]))

  it('says neither just, nor simply, nor easy', () => expect(readme).not.to.match(/\b(?:just|simply|eas(?:y|ily))\b/i))
})

/** Code goes into the file that its fence names. */
async function runModule(bench: Workbench, { file, code, line }: Block): Promise<void> {
  if (file === undefined) throw new Error(`The block of line ${line} names no file that its code belongs to`)
  await bench.add(file, code)
}

/** Each line is a command that must succeed. */
async function runCommands(bench: Workbench, { code }: Block): Promise<void> {
  for (const command of code.split('\n').filter((text) => text.trim() !== '')) {
    const { code: exit, output } = await bench.run(command)
    expect(exit, `${command}\n${output}`).to.equal(0)
  }
}

/** Lines with a prompt are commands, those below are what they print. */
async function runSession(bench: Workbench, { code }: Block): Promise<void> {
  const [before = '', ...steps] = code.split(/^\$ /m)
  expect(before, 'a session begins with a prompt').to.equal('')
  expect(steps).not.to.have.length(0)
  for (const step of steps) {
    const [command = '', ...shown] = step.split('\n')
    const { output } = await bench.run(command)
    expect(normalise(output), command).to.equal(normalise(shown.join('\n')))
  }
}

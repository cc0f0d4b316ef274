// Every code block of the README runs: modules as modules, commands against the servers that stand above them, with the output they show.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { blocksOf, unfencedCode } from './blocks.ts'
import { runBlock } from './run-block.ts'
import { Workbench } from './workbench.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

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
      await runBlock(bench, block)
    })
  }

  it('has modules without a type error', async function () {
    this.timeout(120_000)
    expect(await bench.typeErrors()).to.deep.equal([])
  })

  it('has no code that nothing runs', () => expect(unfencedCode(readme)).to.deep.equal([]))

  it('says neither just, nor simply, nor easy', () => expect(readme).not.to.match(/\b(?:just|simply|eas(?:y|ily))\b/i))
})

// The whole apparatus for a moment: two real processes, real Redis, no fault, and one safeguard less.
import { expect } from 'chai'
import { stalenessChecks } from './checks/all.ts'
import { none } from './faults/none.ts'
import { deafToBumps } from './mutants/bus.ts'
import { Random } from './random.ts'
import { resultOf } from './result.ts'
import { run } from './run.ts'
import { Stage } from './stage/stage.ts'

describe('a run of the consistency check', function () {
  this.timeout(60_000)
  const seed = Math.floor(Math.random() * 2 ** 32)

  async function history(mutant?: string) {
    const random = new Random(seed)
    const stage = await Stage.start({ processes: 2, random: random.fork(), mutant })
    let ids = 0
    try {
      return await run({ stage, fault: none, random, nextId: () => ++ids, seconds: 4, readers: 2, tags: 3 })
    } finally {
      expect(await stage.stop()).to.deep.equal([0, 0])
    }
  }

  it(`finds nothing wrong where nothing is broken (seed ${seed})`, async () => {
    const { excerpts, ...result } = resultOf('none', await history())
    expect(excerpts).to.deep.equal([])
    expect(result.violations).to.equal(0)
    expect(result.shared).to.be.above(20)
    expect(result.writes).to.be.above(5)
  })

  it(`sees that a safeguard is missing (seed ${seed})`, async () => {
    const seen = await history(deafToBumps.name)
    expect(stalenessChecks.flatMap((check) => check.judge(seen))).not.to.deep.equal([])
  })
})

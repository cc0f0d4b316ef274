// The real engine on simulated time, network and Redis: a million reads under all faults keep the contract, and weakened parts do not.
import { expect } from 'chai'
import { runCampaign } from './campaign.ts'
import { allFaults } from './faults.ts'
import { mutants } from './mutants.ts'
import { simulate } from './simulate.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
/** Seeds that a weakened part may survive. */
const CHANCES = 12

// C0 to C5, T56 to T63
describe(`simulations (seed ${seed})`, function () {
  this.timeout(300_000)

  it('are the same for the same seed', async () => {
    const again = async () => (await simulate({ fault: 'mixed', seed })).outcome
    expect(await again()).to.deep.equal(await again())
  })

  it('of a million reads keep the contract under every fault', async () => {
    const faults = allFaults.map(({ name }) => name)
    const run = async (simulation: Parameters<typeof simulate>[0]) => (await simulate(simulation)).outcome
    const rows = await runCampaign({ faults, reads: 1_000_000, seed, lanes: 1, run })
    expect(rows.flatMap(({ failure }) => failure ?? [])).to.deep.equal([])
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0)
    expect(sum(({ reads }) => reads)).to.be.at.least(1_000_000)
    expect(sum(({ hits }) => hits)).to.be.above(500_000)
  })

  for (const { name, fault } of mutants) {
    it(`break the contract where a safeguard is missing: ${name}`, async () => {
      for (let chance = 0; chance < CHANCES; chance++) {
        const { outcome } = await simulate({ fault, seed: seed + chance, mutant: name })
        if (outcome.violation !== undefined) return
      }
      expect.fail(`It survived ${CHANCES} simulations of ${fault}`)
    })
  }
})

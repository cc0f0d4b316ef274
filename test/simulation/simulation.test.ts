// The real engine on simulated time, network and Redis: reads under faults keep the contract, and weakened parts do not.
import { expect } from 'chai'
import { runCampaign } from './campaign.ts'
import { mutants } from './mutants.ts'
import { simulate } from './simulate.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
/** `npm run simulation` runs all of them. */
const FAULTS = ['none', 'pause-app', 'restore-redis', 'mixed']
const MUTANTS = [
  'no generation',
  'counter from 0',
  'validation dated by its reply',
  'trust on reconnect',
  'the bus installs tokens',
]
/** Seeds that a weakened part may survive. */
const CHANCES = 12

// C0 to C5, T56 to T63
describe(`simulations (seed ${seed})`, function () {
  this.timeout(300_000)

  it('are the same for the same seed', async () => {
    const again = async () => (await simulate({ fault: 'mixed', seed })).outcome
    expect(await again()).to.deep.equal(await again())
  })

  it('keep the contract under faults', async () => {
    const run = async (simulation: Parameters<typeof simulate>[0]) => (await simulate(simulation)).outcome
    const rows = await runCampaign({ faults: FAULTS, reads: 500_000, seed, lanes: 1, run })
    expect(rows.flatMap(({ failure }) => failure ?? [])).to.deep.equal([])
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0)
    expect(sum(({ reads }) => reads)).to.be.at.least(500_000)
    expect(sum(({ hits }) => hits)).to.be.above(250_000)
  })

  for (const { name, fault } of mutants.filter((mutant) => MUTANTS.includes(mutant.name))) {
    it(`break the contract where a safeguard is missing: ${name}`, async () => {
      for (let chance = 0; chance < CHANCES; chance++) {
        const { outcome } = await simulate({ fault, seed: seed + chance, mutant: name })
        if (outcome.violation !== undefined) return
      }
      expect.fail(`It survived ${CHANCES} simulations of ${fault}`)
    })
  }
})

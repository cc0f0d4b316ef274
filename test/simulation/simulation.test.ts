// The real engine on simulated time, network and Redis: reads under faults keep the contract, and weakened parts do not.
import { expect } from 'chai'
import { mutants } from './mutants.ts'
import { simulate } from './simulate.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
/** `npm run simulation` runs all of them. */
const MUTANTS = ['counter from 0']
/** For how many ms faults strike: a part of what they do in `npm run simulation`. */
const SPAN = 5_000
/** Seeds that a weakened part may survive. */
const CHANCES = 12

// C0 to C5, T56 to T63
describe(`simulations (seed ${seed})`, function () {
  this.timeout(300_000)

  it('keep the contract, and are the same for the same seed', async () => {
    const { outcome } = await simulate({ fault: 'mixed', seed, span: SPAN })
    expect(outcome.violation).to.equal(undefined)
    expect(outcome.reads).to.be.above(10_000)
    expect(outcome.hits).to.be.above(outcome.reads / 2)
    expect((await simulate({ fault: 'mixed', seed, span: SPAN })).outcome).to.deep.equal(outcome)
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

// One process in the fleet runs while the others wait: all interleavings of three of them.
import { expect } from 'chai'
import { type ClaimSafeguard, claimSafeguards, claims } from './claims.ts'
import { explore, printed } from './explorer.ts'
import { inOrder, inWords } from './wording.ts'

const MOST = 100_000

/** What goes wrong without it, and the steps that lead there. */
const failures: Readonly<Record<ClaimSafeguard, readonly string[]>> = {
  onlyOneHoldsTheClaim: ['P1 runs', 'P2 gets the claim', 'P2 runs although P1 does'],
  claimsAreRenewed: ['P1 runs', 'a tick passes', 'P2 gets the claim', 'P2 runs although P1 does'],
  onlyHoldersLetGo: ['while P1 is paused', 'P2 gets the claim', 'P1 lets go', 'P3 gets the claim', 'although P2 does'],
  holdersLookAgain: ['P2 finds nothing', 'P1 stores its answer', 'P2 gets the claim', 'although L2 has the answer'],
  answersAreStoredFirst: ['P1 lets go of the claim', 'P2 gets the claim', 'P2 runs although P1 does'],
  waitsAreBounded: ['P2 asks for the claim in vain', 'a tick passes', 'P2 waits without end'],
}

describe('claims', () => {
  it('let one process run at a time, and none once there is an answer', () => {
    const { states, violation } = explore(claims(), MOST)
    if (violation !== undefined) expect.fail(`\n${printed(violation)}`)
    console.log(`        ${states} states`)
  })

  for (const [safeguard, steps] of Object.entries(failures)) {
    it(`fail unless ${inWords(safeguard)}`, () => {
      const { violation } = explore(claims({ ...claimSafeguards, [safeguard]: false }), MOST)
      expect(violation, 'no violation').to.not.equal(undefined)
      expect(inOrder(printed(violation!), steps), printed(violation!)).to.equal(true)
    })
  }
})

// The consistency protocol in all interleavings of small scenarios: it keeps the contract, and none of its safeguards can be left out.
import { expect } from 'chai'
import { type Exploration, explore, printed } from './explorer.ts'
import { assumptions, safeguards } from './protocol.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'
import { tiercache } from './tiercache.ts'
import { smallPrint, type Variant, variants } from './variants.ts'
import { inOrder, inWords } from './wording.ts'

/** Far more than any scenario has: past it a scenario is not small any more. */
const MOST_STATES = 200_000

function explored(name: ScenarioName, without: Variant['without'] = []): Exploration {
  const none = Object.fromEntries(without.map((left) => [left, false]))
  return explore(tiercache(scenarios[name], { ...safeguards, ...none }, { ...assumptions, ...none }), MOST_STATES)
}

function expectFailure({ without, in: name, breaks, by }: Variant): void {
  const { violation } = explored(name, without)
  expect(violation, 'nothing goes wrong').to.not.equal(undefined)
  const told = printed(violation!)
  expect(inOrder(violation!.property, breaks.split(': ')), told).to.equal(true)
  expect(inOrder(told, by), `${told}\n      without ${by.join(' … ')}`).to.equal(true)
}

const title = ({ without, in: name }: Variant) => `${without.map(inWords).join(' and ')} (${inWords(name)})`

const leftOut = (all: readonly Variant[]) => [...new Set(all.flatMap(({ without }) => without))].sort()

describe('the consistency protocol', function () {
  // Seconds on a machine that has nothing else to do.
  this.timeout(120_000)

  describe('keeps the contract with', () => {
    for (const [name, scenario] of Object.entries(scenarios)) {
      it(scenario.name, () => {
        const { states, violation } = explored(name as ScenarioName)
        if (violation !== undefined) expect.fail(`\n${printed(violation)}`)
        console.log(`          ${states} states`)
      })
    }
  })

  describe('breaks the contract unless', () => {
    for (const variant of variants) it(title(variant), () => expectFailure(variant))

    it('any of its safeguards is among these', () => {
      expect(leftOut(variants)).to.deep.equal(Object.keys(safeguards).sort())
    })
  })

  describe('breaks the contract where it cannot be assumed that', () => {
    for (const variant of smallPrint) it(title(variant), () => expectFailure(variant))

    it('any of its assumptions is among these', () => {
      expect(leftOut(smallPrint)).to.deep.equal(Object.keys(assumptions).sort())
    })
  })

  it('needs no check behind each read where every connection dies with its server', () => {
    expect(explored('restart', ['readsAreChecked']).violation).to.equal(undefined)
  })
})

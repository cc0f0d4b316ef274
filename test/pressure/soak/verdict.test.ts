// A soak fails for whatever it is there to find.
import { expect } from 'chai'
import type { Inspection } from '../app/settings.ts'
import { type Endurance, type Outcome, verdictOf } from './verdict.ts'

const inspection = (more: Partial<Inspection> = {}): Inspection => ({
  heap: 20e6,
  resident: 90e6,
  flights: 0,
  runs: 0,
  requests: 0,
  unhandled: [],
  ...more,
})
const member = (more: Partial<Endurance> = {}): Endurance => ({
  name: 'process 0',
  baseline: inspection(),
  last: inspection(),
  end: inspection(),
  ended: false,
  ...more,
})
const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  reads: 1_000,
  wrongs: 0,
  shown: [],
  unsent: 0,
  calm: 900,
  calmDegraded: 0,
  members: [member()],
  ...more,
})

describe('the verdict of a soak', () => {
  it('is good where all is well, also with a heap of a tenth more', () => {
    expect(verdictOf(outcome())).to.deep.equal([])
    expect(verdictOf(outcome({ members: [member({ end: inspection({ heap: 21.9e6 }) })] }))).to.deep.equal([])
  })

  const cases: readonly (readonly [what: string, planted: Outcome, told: RegExp])[] = [
    ['a wrong answer', outcome({ wrongs: 1, shown: ['/items/7 was …'] }), /1 wrong answers.*\/items\/7/s],
    ['no answer at all', outcome({ reads: 0 }), /nothing was asked/],
    ['requests that were not sent', outcome({ unsent: 3 }), /3 requests were not sent/],
    [
      'a heap that grew under load',
      outcome({ members: [member({ last: inspection({ heap: 22.2e6 }) })] }),
      /grew to 1.11/,
    ],
    ['a heap that stays grown', outcome({ members: [member({ end: inspection({ heap: 40e6 }) })] }), /grew to 2.00/],
    ['a flight that nobody lands', outcome({ members: [member({ end: inspection({ flights: 1 }) })] }), /1 flights/],
    ['a handler that never ends', outcome({ members: [member({ end: inspection({ runs: 1 }) })] }), /1 runs/],
    ['a request without an answer', outcome({ members: [member({ end: inspection({ requests: 2 }) })] }), /2 requests/],
    [
      'an unhandled rejection',
      outcome({ members: [member({ end: inspection({ unhandled: ['Error: x'] }) })] }),
      /Error: x/,
    ],
    ['a process that ended', outcome({ members: [member({ ended: true })] }), /ended by itself/],
    ['answers that say degraded for no reason', outcome({ calmDegraded: 10 }), /10 of 900/],
  ]
  for (const [what, planted, told] of cases) {
    it(`tells of ${what}`, () => expect(verdictOf(planted).join('\n')).to.match(told))
  }
})

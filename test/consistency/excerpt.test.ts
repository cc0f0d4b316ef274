// A violation is shown by the shortest history, with what was done to the machines meanwhile.
import { expect } from 'chai'
import { degradedHit, history, read, write } from './checks/hand-written.ts'
import { excerpt } from './excerpt.ts'

describe('the excerpt of a violation', () => {
  it('tells each operation with its times, and the faults between them', () => {
    const operations = [
      write({ value: 1, start: 100, end: 110, mode: 'intent' }),
      read({ value: 0, start: 300, end: 301, process: 'B', label: degradedHit }),
    ]
    const circumstances = {
      outages: [
        { from: 150, until: 400 },
        { from: 900, until: 950 },
      ],
      interruptions: [{ process: 'B', kind: 'paused', at: 200 }] as const,
    }
    expect(excerpt({ check: 'C2', message: 'too old', operations }, history(circumstances)).split('\n')).to.deep.equal([
      'C2: too old',
      '       0.000 ms  write t := 1, announced, bump everywhere  (A, s; answered 10.000 ms with 200)',
      '      50.000 ms  Redis is lost, everything holds again from 300.000 ms',
      '     100.000 ms  B is paused',
      '     200.000 ms  read  t -> 0, bounded, hit l1, degraded  (B, s; answered 201.000 ms with 200)',
    ])
  })
})

// Interval timing: marks, a table of what cost most, and nothing at all while it is off.
import { expect } from 'chai'
import fc from 'fast-check'
import { serverTiming, type TimingOptions, timing } from '../../../src/observe/timing.ts'

/** A timing whose marks are made at these instants. */
function measure(instants: readonly number[], options: TimingOptions = {}) {
  const times = [0, ...instants]
  const running = timing('import', { enabled: true, now: () => times.shift()!, ...options })
  for (const i of instants.keys()) running.mark(`step-${i}`)
  return running
}

// FEATURES 6
describe('timing', () => {
  it('has the time since the mark before, and since the start, as data', () => {
    const { entries, label } = measure([1.5, 1.75, 11.75])
    expect(label).to.equal('import')
    expect(entries).to.deep.equal([
      { name: 'step-0', ms: 1.5, cumulative: 1.5 },
      { name: 'step-1', ms: 0.25, cumulative: 1.75 },
      { name: 'step-2', ms: 10, cumulative: 11.75 },
    ])
  })

  it('makes a table: the most expensive first, two decimals, every column right-aligned', () => {
    expect(measure([1.5, 1.754, 11.754, 1_011.754]).table()).to.equal(
      [
        'import',
        'interval       ms  cumulative ms',
        '  step-3  1000.00        1011.75',
        '  step-2    10.00          11.75',
        '  step-0     1.50           1.50',
        '  step-1     0.25           1.75',
      ].join('\n'),
    )
  })

  it('aligns names longer than the heading too', () => {
    const times = [0, 1, 3]
    const running = timing('t', { enabled: true, now: () => times.shift()! })
    running.mark('a-long-interval')
    running.mark('b')
    const lines = running.table().split('\n').slice(1)
    expect(new Set(lines.map((line) => line.length)).size).to.equal(1)
    expect(lines).to.deep.equal([
      '       interval    ms  cumulative ms',
      '              b  2.00           3.00',
      'a-long-interval  1.00           1.00',
    ])
  })

  it('keeps equal intervals in the order they came in, and a table of nothing has its heading', () => {
    expect(
      measure([1, 2, 3])
        .table()
        .split('\n')
        .slice(2)
        .map((line) => line.trim().slice(0, 6)),
    ).to.deep.equal(['step-0', 'step-1', 'step-2'])
    expect(measure([]).table()).to.equal('import\ninterval  ms  cumulative ms')
  })

  it('gives a line per mark to whoever wants it', () => {
    const lines: string[] = []
    measure([1.5, 11.756], { marks: (line) => lines.push(line) })
    expect(lines).to.deep.equal(['import step-0 1.50 ms (1.50 ms)', 'import step-1 10.26 ms (11.76 ms)'])
  })

  it('hands the table out at its end', () => {
    const tables: string[] = []
    const running = measure([1], { table: (text) => tables.push(text) })
    expect(tables).to.deep.equal([])
    running.end()
    expect(tables).to.deep.equal([running.table()])
    expect(() => measure([1]).end()).to.not.throw()
  })

  it('measures by a clock that does not jump', () => {
    const running = timing('real', { enabled: true })
    running.mark('a')
    expect(running.entries[0]?.ms).to.be.within(0, 60_000)
  })

  for (const options of [undefined, {}, { enabled: false }, { enabled: undefined }]) {
    it(`is off with ${JSON.stringify(options) ?? 'no options'}, and reads no clock`, () => {
      const never = () => expect.fail('was called')
      const running = timing('off', { ...options, now: never, marks: never, table: never })
      running.mark('a')
      running.end()
      expect(running.entries).to.deep.equal([])
      expect(running.label).to.equal('off')
      expect(running.table()).to.be.a('string')
    })
  }

  it('adds up: the last cumulative time is the sum of all intervals', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (gaps) => {
        let at = 0
        const { entries } = measure(gaps.map((gap) => (at += gap)))
        expect(entries.reduce((sum, { ms }) => sum + ms, 0)).to.be.closeTo(entries.at(-1)!.cumulative, 1e-3)
      }),
    )
  })
})

describe('serverTiming', () => {
  it('writes each interval as a metric with its duration', () => {
    const intervals = [
      { name: 'fingerprint', ms: 0.0123 },
      { name: 'l1', ms: 12.345 },
    ]
    expect(serverTiming(intervals)).to.equal('fingerprint;dur=0.01, l1;dur=12.35')
  })

  it('is absent where nothing was measured', () => expect(serverTiming([])).to.equal(undefined))
})

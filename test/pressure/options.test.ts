// The command lines of both commands: what is asked for is run, and mistakes are told.
import { expect } from 'chai'
import { FAULTS } from './chaos/faults.ts'
import { readOptions as chaosOptions } from './chaos/options.ts'
import { readOptions as soakOptions } from './soak/options.ts'

describe('npm run chaos', () => {
  it('runs each fault on both frameworks, and quickly once each', () => {
    expect(chaosOptions([]).plans).to.have.length(2 * FAULTS.length)
    const quick = chaosOptions(['--quick']).plans
    expect(quick.map(({ fault }) => fault)).to.deep.equal(FAULTS)
    expect(new Set(quick.map(({ framework }) => framework)).size).to.equal(2)
  })

  it('runs what it is told to, as long as it is told to', () => {
    const [plan, ...others] = chaosOptions(['--fault', 'oom', '--framework', 'koa', '--seconds', '3']).plans
    expect(others).to.deep.equal([])
    expect(plan).to.deep.include({ framework: 'Koa' })
    expect([plan?.fault.name, plan?.times.fault]).to.deep.equal(['oom', 3_000])
  })

  it('lets Redis be away for a minute, in a quick run for five seconds', () => {
    const lasts = (...args: string[]) => chaosOptions(['--fault', 'killed', ...args]).plans[0]?.times.fault
    expect([lasts(), lasts('--quick')]).to.deep.equal([60_000, 5_000])
  })

  it('tells what it does not know', () => {
    expect(() => chaosOptions(['--fault', 'fire'])).to.throw('No fault is called fire. There are: refused,')
    expect(() => chaosOptions(['--framework', 'hapi'])).to.throw('express or koa, not hapi')
    expect(() => chaosOptions(['--seconds', '0'])).to.throw('--seconds must be a number from 1')
  })
})

describe('npm run soak', () => {
  it('lasts ten minutes at 2,000 requests per second, unless told otherwise', () => {
    expect(soakOptions([])).to.include({ minutes: 10, rate: 2_000, processes: 1 })
    expect(soakOptions(['--minutes', '0.5', '--seed', '7'])).to.include({ minutes: 0.5, seed: 7 })
  })

  it('tells what it cannot do', () => {
    expect(() => soakOptions(['--processes', '0'])).to.throw('--processes must be a number from 1 to 8, not 0')
  })
})

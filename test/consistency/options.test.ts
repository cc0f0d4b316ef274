// The command line is understood, and what is wrong with it is said.
import { expect } from 'chai'
import { allFaults } from './faults/all.ts'
import { allMutants } from './mutants/all.ts'
import { readOptions } from './options.ts'

describe('the options of the consistency run', () => {
  it('are all faults of 20 s each on three processes by default', () => {
    const options = readOptions([])
    expect(options).to.include({ seconds: 20 * allFaults.length, processes: 3, json: undefined })
    expect(options.faults).to.equal(allFaults)
    expect(options.mutants).to.deep.equal([])
  })

  it('name faults, mutants, seconds, processes and the seed', () => {
    const args = ['--fault', 'flush', '--fault', 'evict', '--seconds', '5', '--processes', '4', '--seed', '42']
    const options = readOptions(args)
    expect(options.faults.map(({ name }) => name)).to.deep.equal(['flush', 'evict'])
    expect(options).to.include({ seconds: 10, processes: 4, seed: 42 })
    expect(readOptions(['--mutants']).mutants).to.equal(allMutants)
    expect(readOptions(['--mutant', 'counter from 0']).mutants).to.have.length(1)
  })

  it('leave it to a quick run how long faults take', () => {
    expect(readOptions(['--quick']).seconds).to.equal(undefined)
  })

  it('are refused where they are unknown or out of bounds', () => {
    expect(() => readOptions(['--fault', 'flood'])).to.throw('Nothing is called flood. There are: none, ')
    expect(() => readOptions(['--processes', '9'])).to.throw('--processes must be a number from 2 to 8, not 9')
    expect(() => readOptions(['--seconds', 'long'])).to.throw('--seconds must be a number')
    expect(() => readOptions(['--fast'])).to.throw('--fast')
  })
})

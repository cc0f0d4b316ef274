// The README lists every event that a listener can be told of.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { codeOf, tableAfter } from './tables.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe("the README's table of events", () => {
  it('has a row for every event', () => {
    const rows = tableAfter(read('README.md'), 'Everything the cache does is an event').map(([name = '']) =>
      codeOf(name),
    )
    const types = [...read('src/observe/events.ts').matchAll(/readonly type: '([^']+)'/g)].map(([, type]) => type)
    expect(rows).to.have.members(types)
  })
})

// The speed table in the README is what the benchmark measured last, with nothing added by hand.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Hits, hitsTable } from '../../bench/shared/hits-table.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe("the README's speed table", () => {
  const [, table = ''] = /<!-- bench:hits -->\n([\s\S]*?)\n<!-- \/bench:hits -->/.exec(read('README.md')) ?? []
  const hits = JSON.parse(read('bench/results/hits.json')) as Hits

  it('is the one that bench/results/hits.json gives', () => expect(table).to.equal(hitsTable(hits)))

  it('was measured in five rounds or more', () => expect(hits.method.rounds).to.be.at.least(5))
})

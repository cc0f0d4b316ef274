// CONTRIBUTING.md lists every source file and every runtime dependency, and none that is not there.
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { readSources } from '../support/source-files.ts'
import { codeOf, tableAfter } from './tables.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const contributing = read('CONTRIBUTING.md')
const listed = [...contributing.matchAll(/^\| `((?:src|scripts|bench|examples|test\/support)\/[^`]+\.\w+)` \|/gm)].map(
  ([, path = '']) => path,
)

describe('CONTRIBUTING.md', () => {
  it('has a line for every file of src/', () => {
    const sources = readSources().map(({ path }) => `src/${path}`)
    expect(sources.filter((path) => !listed.includes(path))).to.deep.equal([])
  })

  it('has no line for a file that is not there', () => {
    expect(listed).not.to.have.length(0)
    expect(listed.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).to.deep.equal([])
  })

  it('has a line that justifies each runtime dependency', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: object }
    const rows = tableAfter(contributing, '## Runtime dependencies').map(([name = '']) => codeOf(name))
    expect(rows).to.have.members(Object.keys(dependencies))
  })

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: object }
    const named = [...contributing.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).to.deep.equal([])
  })
})

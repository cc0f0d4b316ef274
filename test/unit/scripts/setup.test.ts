// `npm ci` runs when node_modules is missing or does not match package-lock.json, and else does not.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { isInstalled } from '../../../scripts/setup.mjs'

type Packages = Record<string, { version: string; optional?: boolean }>

describe('isInstalled', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tiercache-setup-'))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function writeLock(name: string, packages: Packages, seconds: number) {
    const file = join(folder, name)
    writeFileSync(file, JSON.stringify({ packages }))
    utimesSync(file, seconds, seconds)
  }

  it('says no without node_modules', () => {
    writeLock('package-lock.json', {}, 1)
    expect(isInstalled(folder)).to.equal(false)
  })

  const a1 = { 'node_modules/a': { version: '1.0.0' } }
  const a2 = { 'node_modules/a': { version: '2.0.0' } }
  const elsewhere = { 'node_modules/b': { version: '1.0.0', optional: true } }
  const cases: [name: string, wanted: Packages, installed: Packages, installedAt: number, expected: boolean][] = [
    ['yes when it is younger than the lock file', a1, a1, 2, true],
    ['no when it is older and has another version', a2, a1, 0, false],
    ['no when it is older and misses a package', a1, {}, 0, false],
    ['yes when it is older but has all of it', { '': { version: '1.0.0' }, ...a1 }, a1, 0, true],
    ["yes when it is older and misses only another platform's package", { ...a1, ...elsewhere }, a1, 0, true],
  ]

  for (const [name, wanted, installed, installedAt, expected] of cases) {
    it(`says ${name}`, () => {
      mkdirSync(join(folder, 'node_modules'))
      writeLock('package-lock.json', wanted, 1)
      writeLock('node_modules/.package-lock.json', installed, installedAt)
      expect(isInstalled(folder)).to.equal(expected)
    })
  }
})

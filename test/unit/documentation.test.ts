// The public type surface is documented: every export has a TSDoc comment, every option has one too and names its default.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../../src/', import.meta.url))
const sources = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
)

/** The TSDoc that ends right above this line, or undefined. */
function docAbove(lines: readonly string[], line: number): string | undefined {
  if (lines[line - 1]?.trim().endsWith('*/') !== true) return undefined
  let start = line - 1
  while (start >= 0 && !lines[start]!.trim().startsWith('/*')) start--
  const text = lines.slice(start, line).join('\n')
  return text.trim().startsWith('/**') ? text : undefined
}

interface Member {
  readonly name: string
  readonly doc: string | undefined
}

/** The members of an interface and of the object types in it, named `a.b`; those that only hold others are left out. */
function membersOf(text: string, interfaceName: string): Member[] {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => new RegExp(`^export interface ${interfaceName}\\b`).test(line))
  const members: (Member & { readonly indent: number })[] = []
  const open: { readonly name: string; readonly indent: number }[] = []
  for (let i = first + 1; first >= 0 && lines[i] !== '}'; i++) {
    const found = /^( +)(?:readonly )?(\w+)\??(?:\(|:)/.exec(lines[i]!)
    if (found === null) continue
    const [, { length: indent } = '', own = ''] = found
    while (open.length > 0 && open.at(-1)!.indent >= indent) open.pop()
    const name = [...open.map((outer) => outer.name), own].join('.')
    members.push({ name, indent, doc: docAbove(lines, i) })
    open.push({ name: own, indent })
  }
  return members.filter(({ indent }, i) => (members[i + 1]?.indent ?? 0) <= indent)
}

/** What is exported by name, where it is written, and its TSDoc. */
const exported = [...sources].flatMap(([path, text]) => {
  const lines = text.split('\n')
  return lines.flatMap((line, i) => {
    const found = /^export (?:async |abstract )?(?:function|class|interface|type|const) (\w+)/.exec(line)
    // The later signatures of one function share the comment of the first.
    return found === null ? [] : [{ path, name: found[1]!, doc: docAbove(lines, i) }]
  })
})

/** The names that the entry points hand on, and the files whose every export they do. */
const publicNames = new Set<string>()
const publicFiles = new Set(['express.ts', 'koa.ts'])
for (const entry of ['index.ts', 'express.ts', 'koa.ts']) {
  for (const [, all, names, from] of sources
    .get(entry)!
    .matchAll(/^export (?:type )?(?:(\*)|\{([^}]*)\}) from '\.\/([^']+)'/gm)) {
    if (all !== undefined) publicFiles.add(from!)
    for (const name of (names ?? '').split(',')) publicNames.add(name.trim().replace(/^type /, ''))
  }
}
const publicExports = exported.filter(({ path, name }) => publicNames.has(name) || publicFiles.has(path))

describe('the public type surface', () => {
  it('is what the entry points name', () => {
    const names = publicExports.map(({ name }) => name)
    expect(names).to.include.members([
      'createCache',
      'CacheOptions',
      'CacheRouteOptions',
      'CacheEvent',
      'Timing',
      'BumpResult',
    ])
    expect([...publicNames].filter((name) => name !== '' && !names.includes(name))).to.deep.equal([])
  })

  it('has a TSDoc comment on every export', () => {
    expect(
      publicExports.filter(({ doc }) => doc === undefined).map(({ path, name }) => `${path} ${name}`),
    ).to.deep.equal([])
  })

  const options = publicExports.filter(({ name }) => name.endsWith('Options'))

  it('has options', () => {
    expect(options.map(({ name }) => name)).to.include.members([
      'CacheOptions',
      'CacheRouteOptions',
      'BypassOptions',
      'TimingOptions',
    ])
  })

  for (const { path, name } of options) {
    const members = membersOf(sources.get(path)!, name)

    it(`has a TSDoc comment on every option of ${name}`, () => {
      expect(members).to.not.have.length(0)
      expect(members.filter(({ doc }) => doc === undefined).map((member) => member.name)).to.deep.equal([])
    })

    it(`names the default of every option of ${name}`, () => {
      const silent = members.filter(({ doc }) => doc?.includes('@default') !== true)
      expect(silent.map((member) => member.name)).to.deep.equal([])
    })
  }

  it('shows an example of the main verbs', () => {
    for (const path of ['express/cache.ts', 'koa/cache.ts']) {
      const text = sources.get(path)!
      for (const verb of ['cacheRoute', 'invalidate']) {
        const lines = text.split('\n')
        const line = lines.findIndex((one) => new RegExp(`^ {2}${verb}\\(`).test(one))
        expect(docAbove(lines, line), `${path} ${verb}`).to.include('@example')
      }
    }
  })
})

describe('every source file', () => {
  for (const [path, text] of sources) {
    it(`says in its first line what it is for: ${path}`, () => {
      // A program says first what runs it.
      expect(text.replace(/^#!.*\n/, '').split('\n')[0]).to.match(/^\/\*\* [A-Z`].*[.:!?] \*\/$/)
    })
  }

  it('has a TSDoc comment on every export', () => {
    const bare = exported.filter(({ doc }) => doc === undefined)
    expect(bare.map(({ path, name }) => `${path} ${name}`)).to.deep.equal([])
  })
})

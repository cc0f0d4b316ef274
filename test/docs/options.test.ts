// The README's option tables and the code know the same options, with the same defaults, in few words.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { CacheOptions } from '../../src/cache-options.ts'
import { CacheConfigError } from '../../src/errors.ts'
import { createCache } from '../../src/express.ts'
import { codeOf, tableAfter } from './tables.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')
const { cacheRoute } = createCache()

/** A table, what takes its options, and the files that name their defaults. */
const tables: readonly [title: string, heading: string, take: (options: object) => unknown, sources: string[]][] = [
  [
    'createCache',
    '`createCache(options)`',
    (options) => createCache(options as CacheOptions),
    ['src/cache-options.ts', 'src/consistency.ts'],
  ],
  [
    'cacheRoute',
    '`cacheRoute(ttl, options)`',
    (options) => cacheRoute('1m', options),
    ['src/route.ts', 'src/consistency.ts'],
  ],
]

/** Options whose parts stand in one row: `query` is one of two, and what `redis` takes is ioredis's affair (it would be connected to). */
const OPAQUE = ['query', 'redis']

/** No option is called like this, nor nearly so. */
const NONSENSE = 'zzzzzzzzzzzzzzzzzzzzzzzz'

/** The names of the options that are known, as the error for a wrong one tells them. */
function knownOptions(take: (options: object) => unknown): string[] {
  const names = told(() => take({ [NONSENSE]: 1 }))
  // Of an option that is a bag of options, those inside count as well.
  const inner = names.flatMap((name) => {
    if (OPAQUE.includes(name)) return []
    return told(() => take({ [name]: { [NONSENSE]: 1 } })).map((part) => `${name}.${part}`)
  })
  return [...names, ...inner]
}

function told(action: () => unknown): string[] {
  try {
    action()
    return []
  } catch (error) {
    expect(error).to.be.instanceOf(CacheConfigError)
    const [, list = ''] = /Known options: (.*)$/.exec((error as Error).message) ?? []
    return list === '' ? [] : list.split(', ')
  }
}

/** Bags of options whose parts all have rows of their own. */
const BAGS = ['memory']

for (const [title, heading, take, sources] of tables) {
  describe(`the README's table of ${title}`, () => {
    const rows = tableAfter(readme, heading)

    it('has a row for every option, and none for another', () => {
      const documented = rows.map(([name = '']) => codeOf(name))
      const known = knownOptions(take).filter((name) => !BAGS.includes(name))
      expect([...documented].sort()).to.deep.equal(known.sort())
    })

    for (const [name = '', type = '', otherwise = '', meaning = ''] of rows) {
      it(`takes at most 12 words for ${codeOf(name)}`, () => {
        const words = [name, type, otherwise, meaning].flatMap((cell) => cell.replace(/`[^`]*`/g, 'code').split(/\s+/))
        expect(words.filter((word) => /\w/.test(word)).length).to.be.at.most(12)
      })
    }

    it('names the defaults that the code names', () => {
      const code = sources.map(read).join('\n')
      for (const [name = '', , otherwise = ''] of rows) {
        const option = codeOf(name).split('.').at(-1)
        const [, declared] = new RegExp(`@default ([^*]*?) \\*/\\s+readonly ${option}\\?:`).exec(code) ?? []
        if (declared === undefined || !otherwise.startsWith('`')) continue
        expect(declared, option).to.satisfy((text: string) => text.startsWith(codeOf(otherwise)) || /^\{/.test(text))
      }
    })
  })
}

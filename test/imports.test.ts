// Imports in src/ point down, and what may be named in one place only is named there.
import { expect } from 'chai'
import { findCycle, isBarrel, parseSource, readSources, type SourceFile } from './support/source-files.ts'

/**
 * From low to high: a file may import from its own layer and from those below. A path decides before its folder (`http/*`)
 * does; a file beside src/index.ts that no layer names is a leaf, the lowest of all.
 */
const LAYERS: readonly (readonly string[])[] = [
  [], // the leaves: errors, duration, clock, …
  ['http/*', 'observe/events.ts', 'observe/timing.ts'],
  ['entry.ts', 'fingerprint.ts'],
  [
    'connection/*',
    'store/*',
    'versions/*',
    'guard/*',
    'flights.ts',
    'compress-option.ts',
    'consistency.ts',
    'fallback.ts',
    'negative-option.ts',
    'negative-option.ts',
    'fallback.ts',
    'doorkeeper-option.ts',
    'route.ts',
    'observe/*',
  ],
  [
    'answering.ts',
    'asking.ts',
    'coder.ts',
    'delivery.ts',
    'engine.ts',
    'invalidation.ts',
    'judgement.ts',
    'look-up.ts',
    'negative-verdict.ts',
    'passing.ts',
    'place.ts',
    'private-verdict.ts',
    'refusal.ts',
    'renewals.ts',
    'rescuing.ts',
    'reuse.ts',
    'run-entry.ts',
    'run-landing.ts',
    'run-limits.ts',
    'run-status.ts',
    'run-variant.ts',
    'run.ts',
    'serving.ts',
    'stand-in.ts',
    'take-turn.ts',
    'uri-tags.ts',
    'user-verdict.ts',
    'variant.ts',
    'visit.ts',
  ],
  ['cache.ts', 'cache-options.ts', 'parts.ts', 'route-names.ts', 'data/*', 'warm/*'],
  ['express.ts', 'express/*', 'koa.ts', 'koa/*', 'cli.ts', 'cli/*', 'dashboard/*', 'index.ts'],
]

/** Of these folders, the engine and its parts know only the interfaces, and what is neither of a store nor of Redis. */
const ENGINE = {
  layer: LAYERS.findIndex((paths) => paths.includes('engine.ts')),
  folders: /^(store|versions|guard)\//,
  may: [
    'store/store.ts',
    'store/tiers.ts',
    'versions/versions.ts',
    'guard/claims.ts',
    'guard/backoffs.ts',
    'guard/lives.ts',
  ],
}

/** Packages that only some files may name. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  express: /^express[./]/,
  koa: /^koa[./]/,
  '@koa/router': /^koa[./]/,
  ioredis: /\/redis\.ts$/,
  'quick-lru': /^store\/memory\.ts$/,
}

/** The public names are a list of re-exports by nature. */
const BARREL = 'index.ts'

const MODULE_STATE =
  /^(?:export )?(?:(?:let|var) .*|const \w+(?:: [^=]+)? = new (?:Map|Set|WeakMap|WeakSet)(?:<.*>)?\(\).*)$/m

function layerOf(path: string): number {
  const exact = LAYERS.findIndex((paths) => paths.includes(path))
  if (exact >= 0) return exact
  if (!path.includes('/')) return 0
  return LAYERS.findIndex((paths) => paths.includes(`${path.split('/')[0]}/*`))
}

/** What is wrong in a set of files, one sentence each. */
const RULES: Readonly<Record<string, (files: readonly SourceFile[]) => string[]>> = {
  'puts every file into a layer': (files) =>
    files.filter(({ path }) => layerOf(path) < 0).map(({ path }) => `${path} is in no layer`),

  'imports from the same layer and those below': (files) =>
    files.flatMap(({ path, imports }) =>
      imports.filter((target) => layerOf(target) > layerOf(path)).map((target) => `${path} imports ${target} above it`),
    ),

  'imports files that exist, with their ending': (files) => {
    const known = new Set(files.map(({ path }) => path))
    return files.flatMap(({ path, imports }) =>
      imports.filter((target) => !known.has(target)).map((target) => `${path} imports ${target}, which is no file`),
    )
  },

  'shows the engine only the interfaces of stores and versions': (files) =>
    files
      .filter(({ path }) => layerOf(path) === ENGINE.layer)
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => ENGINE.folders.test(target) && !ENGINE.may.includes(target))
          .map((target) => `${path} imports ${target}`),
      ),

  'has no cycle, not even of types': (files) => {
    const cycle = findCycle(files)
    return cycle === undefined ? [] : [cycle.join(' -> ')]
  },

  'has no barrel besides index.ts': (files) =>
    files.filter((file) => file.path !== BARREL && isBarrel(file)).map(({ path }) => `${path} only re-exports`),

  'names a package only in the files that own it': (files) =>
    files.flatMap(({ path, packages }) =>
      packages.filter((name) => OWNERS[name]?.test(path) === false).map((name) => `${path} names ${name}`),
    ),

  'keeps no state in a module': (files) =>
    files.flatMap(({ path, code }) => {
      const state = MODULE_STATE.exec(code)
      return state === null ? [] : [`${path}: ${state[0]}`]
    }),
}

describe('src/', () => {
  const files = readSources()

  for (const [rule, violations] of Object.entries(RULES)) {
    it(rule, () => expect(violations(files)).to.deep.equal([]))
  }
})

describe('the rules of src/', () => {
  const bad: readonly [rule: string, path: string, text: string, violation: string][] = [
    ['puts every file into a layer', 'misc/a.ts', '', 'misc/a.ts is in no layer'],
    [
      'imports from the same layer and those below',
      'store/a.ts',
      "import type {\n  Engine,\n} from '../engine.ts'",
      'store/a.ts imports engine.ts above it',
    ],
    [
      'imports from the same layer and those below',
      'errors.ts',
      "import './http/a.ts'",
      'errors.ts imports http/a.ts above it',
    ],
    [
      'imports from the same layer and those below',
      'observe/timing.ts',
      "type A = import('../route.ts').Route",
      'observe/timing.ts imports route.ts above it',
    ],
    [
      'imports files that exist, with their ending',
      'a.ts',
      "import { b } from './b'",
      'a.ts imports b, which is no file',
    ],
    [
      'shows the engine only the interfaces of stores and versions',
      'engine.ts',
      "import { memoryStore } from './store/memory.ts'",
      'engine.ts imports store/memory.ts',
    ],
    ['has no cycle, not even of types', 'a.ts', "export type { A } from './a.ts'", 'a.ts -> a.ts'],
    ['has no barrel besides index.ts', 'http/a.ts', "export * from './b.ts'", 'http/a.ts only re-exports'],
    [
      'has no barrel besides index.ts',
      'http/a.ts',
      "/** Text. */\nimport { b } from './b.ts'\nexport { b }",
      'http/a.ts only re-exports',
    ],
    [
      'names a package only in the files that own it',
      'cache.ts',
      "import type { Redis } from 'ioredis'",
      'cache.ts names ioredis',
    ],
    [
      'names a package only in the files that own it',
      'koa.ts',
      "import { json } from 'express/x'",
      'koa.ts names express',
    ],
    ['keeps no state in a module', 'a.ts', 'let count = 0', 'a.ts: let count = 0'],
    [
      'keeps no state in a module',
      'a.ts',
      'const seen = new Map<string, A>()',
      'a.ts: const seen = new Map<string, A>()',
    ],
  ]

  for (const [rule, path, text, violation] of bad) {
    it(`know what breaks '${rule}' in ${path}`, () => {
      expect(RULES[rule]?.([parseSource(path, text)])).to.deep.equal([violation])
    })
  }
})

// The servers that Bloom filters are tested on: one without BF commands, and, where the machine has the module, one with them.

/** Names the file of a Redis module with BF commands, such as redisbloom.so. */
const MODULE = 'TIERCACHE_REDIS_BLOOM_MODULE'

/** What differs between the kinds. */
export interface KindUnderTest {
  readonly name: 'bitmap' | 'bf'
  /** Options of redis-server. */
  readonly args: readonly string[]
  /** A key of the filter, without the part in braces. */
  readonly key: string
  /** One that a rebuild makes beside it, not the first where there are several. */
  readonly next: string
  /** The commands that one `has` costs, as Redis counts them. */
  readonly asking: readonly string[]
}

const BITMAP: KindUnderTest = { name: 'bitmap', args: [], key: 'bits:0', next: 'next:1', asking: ['bitfield_ro'] }

/** The module's file, undefined where the machine has none. */
const bloomModule = process.env[MODULE]

const SERVER: readonly KindUnderTest[] =
  bloomModule === undefined
    ? []
    : [
        {
          name: 'bf',
          args: ['--loadmodule', bloomModule],
          key: 'bf',
          next: 'bf:next',
          asking: ['bf.mexists'],
        },
      ]

/** Runs the tests once for each kind that the machine can serve. */
export function eachFilterKind(title: string, tests: (kind: KindUnderTest) => void): void {
  for (const kind of [BITMAP, ...SERVER]) describe(`${title} (${kind.name})`, () => tests(kind))
}

/** Runs the tests that need BF commands, where a server has them. */
export function withBloomModule(title: string, tests: (path: string) => void): void {
  if (bloomModule !== undefined) describe(title, () => tests(bloomModule))
}

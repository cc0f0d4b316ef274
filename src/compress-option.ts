/** The route option `compress`: what it takes, and the rules it comes to. */
import { type Size, size } from './duration.ts'
import { expected, rejectUnknown, requireObject } from './errors.ts'
import { type Coding, makeableCodings } from './http/coding.ts'
import type { CodingRules } from './http/representation.ts'

/** What `compress` takes besides `true`. */
export interface CompressOptions {
  /** The smallest body that is coded. @default '1kb' */
  readonly from?: Size | undefined
  /** Codings that clients may get; of those that one likes equally, the first here. @default ['br', 'zstd', 'gzip'], those this Node makes */
  readonly codings?: readonly Coding[] | undefined
}

const DEFAULT_FROM: Size = '1kb'

/**
 * Reads the option.
 *
 * @returns undefined where nothing is coded
 * @throws CacheConfigError when it is none
 */
export function compressRules(value: unknown): CodingRules | undefined {
  if (value === undefined || value === false) return undefined
  const options = value === true ? {} : value
  if (typeof options !== 'object') throw expected('invalid-option', 'compress', 'true, false or an object', value)
  requireObject(options, 'compress')
  rejectUnknown(options, ['from', 'codings'], 'compress.')
  const { from = DEFAULT_FROM, codings = makeableCodings } = options as CompressOptions
  return Object.freeze({ from: size(from, 'compress.from'), codings: checkedCodings(codings) })
}

function checkedCodings(codings: unknown): readonly Coding[] {
  const wanted = `an array of what this Node can make: ${makeableCodings.join(', ')}`
  if (!Array.isArray(codings) || codings.length === 0)
    throw expected('invalid-option', 'compress.codings', wanted, codings)
  for (const coding of codings) {
    if (!makeableCodings.includes(coding)) throw expected('invalid-option', 'compress.codings', wanted, coding)
  }
  return Object.freeze([...new Set(codings as Coding[])])
}

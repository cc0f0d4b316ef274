/** `bloomFilter`'s arguments: what they are, their defaults, and what is wrong with wrong ones. */
import { keyPrefixOf } from '../../connection/client/source.ts'
import { count, type Duration, duration } from '../../duration.ts'
import { expected, rejectUnknown, requireObject } from '../../errors.ts'
import { broadcast, type Listener } from '../../observe/events.ts'
import { type FilterLayout, filterLayout } from './layout.ts'

/** What `bloomFilter(redis, name, options)` accepts. */
export interface BloomFilterOptions {
  /** Ids that the filter holds at its error rate; with more, the rate rises. @default 100_000 */
  readonly size?: number | undefined
  /** The share of ids that are not in it and yet may be, between 0 and 1. @default 0.01 */
  readonly errorRate?: number | undefined
  /** Prefix of the filter's keys. @default 'tiercache' */
  readonly namespace?: string | undefined
  /** How long `has` waits for Redis before everything may exist. @default '100ms' */
  readonly budget?: Duration | undefined
  /** Are told when the filter stands open and when it is up again, and of ids that wait for Redis. @default [] */
  readonly listeners?: readonly Listener[] | undefined
}

/** The same, checked. */
export interface FilterSettings {
  readonly name: string
  readonly layout: FilterLayout
  /** Begins all keys. */
  readonly base: string
  /** Milliseconds. */
  readonly budget: number
  readonly tell: Listener
}

/** @throws CacheConfigError for whatever is wrong with them */
export function filterSettings(redis: string | object, name: unknown, options: BloomFilterOptions): FilterSettings {
  requireObject(options, 'options')
  rejectUnknown(options, ['size', 'errorRate', 'namespace', 'budget', 'listeners'])
  const { size = 100_000, errorRate = 0.01, namespace = 'tiercache', budget = '100ms', listeners = [] } = options
  if (!Array.isArray(listeners) || listeners.some((listener) => typeof listener !== 'function'))
    throw expected('invalid-option', 'listeners', 'an array of functions', listeners)
  if (typeof errorRate !== 'number' || !(errorRate > 0 && errorRate < 1))
    throw expected('invalid-option', 'errorRate', 'a number between 0 and 1', errorRate)
  const prefix = `${keyPrefixOf(redis)}${keyPart(namespace, 'namespace')}`
  return Object.freeze({
    name: keyPart(name, 'name'),
    layout: filterLayout(count(size, 'size'), errorRate),
    // The braces keep all keys of one filter in one slot of a Cluster, and other filters in others.
    base: `{${prefix}:bloom:${name}}`,
    budget: duration(budget, 'budget'),
    tell: broadcast([...listeners]),
  })
}

function keyPart(value: unknown, option: string): string {
  if (typeof value === 'string' && value !== '' && !/[\s{}]/.test(value)) return value
  throw expected('invalid-option', option, 'a string without spaces and braces', value)
}

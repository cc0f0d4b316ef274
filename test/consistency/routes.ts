// The routes that every process has, and what each promises its readers.
import type { Promised } from './history.ts'

/** What differs between routes, as their options say it. */
interface Route extends Promised {
  readonly options: {
    readonly consistency: 'strong' | '1s' | '300ms'
    readonly maxStale: '3s' | '500ms'
    readonly lock?: 'fleet'
  }
}

/** Routes that read a tag's value: `GET /name/tag`. */
export const ROUTES: readonly Route[] = [
  {
    name: 'bounded',
    bound: 1_000,
    maxStale: 500,
    lock: 'process',
    options: { consistency: '1s', maxStale: '500ms' },
  },
  {
    name: 'brief',
    bound: 300,
    maxStale: 3_000,
    lock: 'process',
    options: { consistency: '300ms', maxStale: '3s' },
  },
  {
    name: 'strong',
    bound: 0,
    maxStale: 0,
    lock: 'process',
    options: { consistency: 'strong', maxStale: '3s' },
  },
  {
    name: 'fleet',
    bound: 1_000,
    maxStale: 3_000,
    lock: 'fleet',
    options: { consistency: '1s', maxStale: '3s', lock: 'fleet' },
  },
]

/** What the writes of a tag bump, and every answer of it carries. */
export function cacheTag(tag: string): string {
  return `thing:${tag}`
}

/** Route names: base and pattern joined, doubled slashes collapsed, no slash at the end. */

import { EVERYTHING } from './versions/versions.ts'
import type { Place } from './visit.ts'

/** Joins a base URL and a route's path as frameworks know them; a RegExp is its source. */
export function routeName(base: string, path: string | RegExp): string {
  if (path instanceof RegExp) return `${base}${path.source}`
  const text = `${base}/${path}`.replace(/\/{2,}/g, '/')
  return text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text
}

/** All names of a route: each element of an array path is one. */
export function routeNames(base: string, path: unknown): readonly string[] {
  const paths: readonly unknown[] = Array.isArray(path) ? path.flat(Number.POSITIVE_INFINITY) : [path]
  return paths.filter((one) => typeof one === 'string' || one instanceof RegExp).map((one) => routeName(base, one))
}

/** The place of a route of these names: every entry carries them, and the tag of everything. */
export function placeOf(names: readonly string[]): Place {
  return { name: names.join(', '), tags: [...names, EVERYTHING] }
}

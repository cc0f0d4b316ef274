// The versions a result was measured with.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findRedisServer } from '../../scripts/redis.mjs'

const root = createRequire(new URL('../../package.json', import.meta.url))

/** Versions of Node, of this package and of others that are installed. */
export function versions(names: readonly string[]): Record<string, string> {
  const own = (root('./package.json') as { version: string }).version
  const others = names.map((name) => [name, installed(name)])
  return { node: process.versions.node, tiercache: own, ...Object.fromEntries(others) }
}

/** Reads the package file next to what `name` resolves to: not every package exports it. */
function installed(name: string): string {
  for (let folder = dirname(root.resolve(name)); ; folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version: string }
      if (found.name === name) return found.version
    } catch {
      // Not in this folder: one further up.
    }
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`)
  }
}

/** The version of the redis-server that is measured with. */
export function redisVersion(): string {
  const { stdout } = spawnSync(findRedisServer() ?? 'redis-server', ['--version'], { encoding: 'utf8' })
  return /v=(\S+)/.exec(stdout ?? '')?.[1] ?? 'unknown'
}

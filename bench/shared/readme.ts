// The tables in the README: each stands between two comments and is written by the benchmark that measured it.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../../README.md', import.meta.url))

/** Puts a table between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function writeTable(name: string, table: string): void {
  const text = readFileSync(file, 'utf8')
  const [before, after] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const start = text.indexOf(before)
  const end = text.indexOf(after)
  if (start === -1 || end === -1) throw new Error(`README.md has no place for ${name}: ${before} … ${after}`)
  writeFileSync(file, `${text.slice(0, start + before.length)}\n${table}\n${text.slice(end)}`)
}

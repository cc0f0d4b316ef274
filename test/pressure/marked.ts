// Tables in documents that a command writes: each stands between two comments.
import { readFileSync, writeFileSync } from 'node:fs'

/** The text with `content` between `<!-- NAME -->` and `<!-- /NAME -->`, in the place of what stood there. */
export function replaced(text: string, name: string, content: string): string {
  const [before, after] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const start = text.indexOf(before)
  const end = text.indexOf(after)
  if (start === -1 || end < start) throw new Error(`There is no place for ${name}: ${before} … ${after}`)
  return `${text.slice(0, start + before.length)}\n${content}\n${text.slice(end)}`
}

/** Puts it into docs/pressure.md. */
export function writeMarked(name: string, content: string): void {
  const file = new URL('../../docs/pressure.md', import.meta.url)
  writeFileSync(file, replaced(readFileSync(file, 'utf8'), name, content))
}

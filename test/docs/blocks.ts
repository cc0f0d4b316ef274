// Takes the fenced code blocks out of a Markdown text, and finds code that stands outside of them.

/** A fenced block. */
export interface Block {
  /** The line its fence opens on, counted from 1. */
  readonly line: number
  /** The first word behind the fence. */
  readonly language: string
  /** The second word: the file that the code belongs to. */
  readonly file: string | undefined
  readonly code: string
}

const FENCE = /^\s*(`{3,}|~{3,})\s*(.*)$/

/** Every fenced block, in order. Throws for one that never closes. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let open: { fence: string; line: number; info: string; lines: string[] } | undefined
  for (const [index, text] of markdown.split('\n').entries()) {
    const [, fence = '', info = ''] = FENCE.exec(text) ?? []
    if (open === undefined) {
      if (fence !== '') open = { fence, line: index + 1, info, lines: [] }
    } else if (fence.startsWith(open.fence) && info === '') {
      const [language = '', file] = open.info.split(/\s+/)
      blocks.push({ line: open.line, language, file, code: `${open.lines.join('\n')}\n` })
      open = undefined
    } else open.lines.push(text)
  }
  if (open !== undefined) throw new Error(`The block of line ${open.line} never closes`)
  return blocks
}

/** Lines of code that no fence surrounds, where nothing would run them: indented blocks and `<pre>`. */
export function unfencedCode(markdown: string): string[] {
  let fence = ''
  let before = ''
  return markdown.split('\n').filter((text) => {
    const [, mark = '', info = ''] = FENCE.exec(text) ?? []
    const [former, blank] = [before, before.trim() === '']
    before = text
    if (fence !== '') {
      if (mark.startsWith(fence) && info === '') fence = ''
      return false
    }
    fence = mark
    return /<pre\b/i.test(text) || (/^(?: {4}|\t)\S/.test(text) && (blank || /^(?: {4}|\t)/.test(former)))
  })
}

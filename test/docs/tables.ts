// Reads the tables of a Markdown text.

/** The rows below the head `| FIRST | …`, as cells. Pipes that are escaped belong to their cell. */
export function tableAfter(markdown: string, heading: string): string[][] {
  const start = markdown.indexOf(heading)
  if (start === -1) throw new Error(`No such text: ${heading}`)
  const lines = markdown.slice(start + heading.length).split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  const rest = lines.slice(first)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  return rest.slice(2, end === -1 ? undefined : end).map(cells)
}

/** The text of the first code span of a cell, else the cell. */
export function codeOf(cell: string): string {
  return /`([^`]+)`/.exec(cell)?.[1] ?? cell
}

function cells(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.replaceAll('\\|', '|').trim())
}

/** Prints the tour as a table, row by row as it happens. */
import type { Chapter, Step } from './chapters.ts'
import { paint, type Style } from './paint.ts'
import type { Seen } from './tour.ts'

export interface Report {
  head(chapters: readonly Chapter[]): void
  chapter(title: string): void
  step(seen: Seen): void
}

const styles = { miss: 'yellow', bypass: 'magenta', bump: 'cyan' } as const

/** Creates a report that hands its lines to `write`. */
export function createReport(write: (line: string) => void): Report {
  let width = 0

  /** One row; the second column is wide enough for `1 miss, 49 collapsed`. */
  function row(request: string, outcome: string, [tier, runs, ms]: [string, string, string], style: Style): string {
    const numbers = `${tier.padEnd(4)}  ${runs.padStart(12)}  ${ms.padStart(7)}`
    return `  ${request.padEnd(width)}  ${paint(style, outcome.padEnd(20))}  ${numbers}`
  }

  return {
    head(chapters) {
      width = Math.max(...chapters.flatMap(({ steps }) => steps).map((step) => describe(step).length))
      write(row('request', 'outcome', ['tier', 'handler runs', 'ms'], 'reset'))
      write(`  ${'─'.repeat(width + 51)}`)
    },
    chapter(title) {
      write(`\n  ${paint('bold', title)}`)
    },
    step({ step, outcome, tier = '-', runs, ms, problems }) {
      const numbers: [string, string, string] = [tier.toUpperCase(), String(runs), ms.toFixed(1)]
      const style = styles[outcome as keyof typeof styles] ?? 'green'
      write(`${row(describe(step), outcome, numbers, style)}  ${verdict(step, problems)}`)
      for (const problem of problems) write(paint('red', `      ${problem}`))
    },
  }
}

function verdict({ expected: { shows } }: Step, problems: readonly string[]): string {
  if (problems.length > 0) return paint('red', '✗')
  return paint('green', '✓') + (shows === undefined ? '' : ` ${paint('dim', shows)}`)
}

function describe({ method, path, json, times = 1, server }: Step): string {
  const body = json === undefined ? '' : ` ${JSON.stringify(json)}`
  const many = times === 1 ? '' : ` × ${times}`
  return `${method} ${path}${body}${many}${server === 'second' ? ' (second)' : ''}`
}

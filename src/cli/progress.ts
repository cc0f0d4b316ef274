/** Shows how far a command is: a bar on a terminal, lines elsewhere. Twenty lines of our own: the libraries bring widths, colours and timers. */
import type { WarmProgress, WarmResult } from '../warm/warm-result.ts'
import type { Io } from './command.ts'

/** Reports what comes of each request, and then of all. */
export interface Progress {
  told(progress: WarmProgress): void
  over(): void
}

/** Nothing is redrawn more often, in ms. */
const REDRAW_MS = 50
const WIDTH = 24
/** Fewer requests need no lines on the way. */
const FEW = 10

/** Draws on standard error; `quiet` leaves failures alone. */
export function progressOn({ stderr }: Io, quiet: boolean): Progress {
  const isTerminal = stderr.isTTY === true && !quiet
  const clear = isTerminal ? '\r\x1b[K' : ''
  let drawnAt = Number.NEGATIVE_INFINITY
  return {
    told(progress) {
      const line = troubleOf(progress, quiet)
      if (line !== undefined) stderr.write(`${clear}${line}\n`)
      const isDue = performance.now() - drawnAt >= REDRAW_MS || line !== undefined
      if (isTerminal && isDue) {
        stderr.write(`${clear}${bar(progress)}`)
        drawnAt = performance.now()
      } else if (!isTerminal && !quiet && isMilestone(progress)) stderr.write(`${share(progress)}\n`)
    },
    over: () => void stderr.write(clear),
  }
}

/** A line of its own for what is not stored. */
function troubleOf({ outcome, url, reason, status }: WarmProgress, quiet: boolean): string | undefined {
  if (outcome === 'failed') return `failed      ${url}  ${reason ?? status}`
  if (quiet) return undefined
  if (outcome === 'notStored') return `not stored  ${url}  ${reason ?? status}`
  return undefined
}

function bar(progress: WarmProgress): string {
  const { done, total } = progress
  if (total === undefined) return share(progress)
  const filled = Math.round((done / total) * WIDTH)
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${share(progress)}`
}

function share({ done, total }: WarmProgress): string {
  return total === undefined ? `${done}` : `${done}/${total}`
}

/** Each tenth of all, or each thousand where nobody knows how many there are. */
function isMilestone({ done, total }: WarmProgress): boolean {
  if (total === undefined) return done % 1_000 === 0
  // Of a few, the line that ends it all says enough.
  if (total < FEW) return false
  return Math.floor((done * 10) / total) > Math.floor(((done - 1) * 10) / total)
}

/** One line for all requests. */
export function summary({ total, stored, hit, notStored, failed, ms }: WarmResult): string {
  const seconds = (ms / 1_000).toFixed(1)
  return `${total} ${total === 1 ? 'request' : 'requests'} in ${seconds} s: ${stored} stored, ${hit} there already, ${notStored} not stored, ${failed} failed`
}

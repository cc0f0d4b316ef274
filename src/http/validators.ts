/** Hides a client's conditional fields from the handler for one run: a cold cache needs the full answer. */
import type { IncomingHttpHeaders } from 'node:http'

/** What was hidden, and how to put it back. */
export interface HiddenValidators {
  readonly hidden: IncomingHttpHeaders
  /** Puts the fields back; later calls do nothing. */
  restore(): void
}

const names = ['if-none-match', 'if-modified-since'] as const

/** Takes the validators out of `headers` until `restore` is called. */
export function hideValidators(headers: IncomingHttpHeaders): HiddenValidators {
  const hidden: IncomingHttpHeaders = {}
  for (const name of names) {
    const value = headers[name]
    if (value === undefined) continue
    hidden[name] = value
    delete headers[name]
  }
  let restored = false
  return {
    hidden,
    restore() {
      if (restored) return
      restored = true
      Object.assign(headers, hidden)
    },
  }
}

/** The conditional fields that the handler sees during one run: not the client's, as a cold cache needs the full answer, but perhaps ours. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Validators } from './exchange.ts'

/** What was hidden, and how to put it back. */
export interface HiddenValidators {
  readonly hidden: IncomingHttpHeaders
  /** Puts the fields back; later calls do nothing. */
  restore(): void
}

const names = ['if-none-match', 'if-modified-since'] as const

/** Takes the validators out of `headers`, and puts those of a stored answer in their place, until `restore` is called. */
export function hideValidators(headers: IncomingHttpHeaders, own?: Validators): HiddenValidators {
  const hidden: IncomingHttpHeaders = {}
  for (const name of names) {
    const value = headers[name]
    if (value === undefined) continue
    hidden[name] = value
    delete headers[name]
  }
  if (own?.etag !== undefined) headers['if-none-match'] = own.etag
  if (own?.lastModified !== undefined) headers['if-modified-since'] = own.lastModified
  let restored = false
  return {
    hidden,
    restore() {
      if (restored) return
      restored = true
      for (const name of names) delete headers[name]
      Object.assign(headers, hidden)
    },
  }
}

/** The conditional fields that the handler sees during one run: not the client's, as a cold cache needs the full answer, but perhaps ours. */
import type { IncomingHttpHeaders } from 'node:http'
import type { RunObserver } from './exchange.ts'
import { surrogateCapability } from './surrogate-control.ts'

/** What was hidden, and how to put it back. */
export interface HiddenValidators {
  readonly hidden: IncomingHttpHeaders
  /** The fields of the request, these among them, as whoever answers in the handler's place must see them. */
  sent(): IncomingHttpHeaders
  /** Puts the fields back; later calls do nothing. */
  restore(): void
}

const names = ['if-none-match', 'if-modified-since'] as const
const CAPABILITY = 'surrogate-capability'

/**
 * Takes the validators out of `headers`, and puts those of a stored answer in their place, until `restore` is called.
 * Where the handler may speak to this cache as a surrogate it is told so.
 */
export function hideValidators(
  headers: IncomingHttpHeaders,
  { validators, surrogate = false }: Pick<RunObserver, 'validators' | 'surrogate'> = {},
): HiddenValidators {
  const hidden: IncomingHttpHeaders = {}
  for (const name of names) {
    const value = headers[name]
    if (value === undefined) continue
    hidden[name] = value
    delete headers[name]
  }
  if (validators?.etag !== undefined) headers['if-none-match'] = validators.etag
  if (validators?.lastModified !== undefined) headers['if-modified-since'] = validators.lastModified
  const others = headers[CAPABILITY] as string | undefined
  if (surrogate) headers[CAPABILITY] = surrogateCapability(others)
  let restored = false
  return {
    hidden,
    sent() {
      const shown = { ...headers }
      for (const name of names) delete shown[name]
      return { ...shown, ...hidden }
    },
    restore() {
      if (restored) return
      restored = true
      for (const name of names) delete headers[name]
      Object.assign(headers, hidden)
      if (!surrogate) return
      if (others === undefined) delete headers[CAPABILITY]
      else headers[CAPABILITY] = others
    },
  }
}

/** Hides the validators where the observer wants that, else nothing. */
export function hiddenFrom(headers: IncomingHttpHeaders, observer: RunObserver): HiddenValidators {
  if (observer.fills) return hideValidators(headers, observer)
  return { hidden: {}, sent: () => headers, restore: () => undefined }
}

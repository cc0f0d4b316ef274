/** `Surrogate-Control` and `Surrogate-Capability` (W3C Edge Architecture 1.0): how origins spoke to their own caches before RFC 9213. */
import { type Directives, parseCacheControl } from './cache-control.ts'
import { listMembers } from './headers.ts'

/** What this cache is called where a directive is for some caches only. */
const DEVICE = 'tiercache'

/** A directive, and the devices it is for; quoted strings may hold semicolons. */
const targeted = /^((?:[^";]|"(?:[^"\\]|\\.)*")*)((?:;[^;]*)*)$/

/** The directives that are for this cache: those for everyone, and those for it by name. */
export function surrogateDirectives(value: string): Directives {
  const own = listMembers(value).flatMap((member) => {
    const [, text = member, targets = ''] = targeted.exec(member) ?? []
    const devices = targets.split(';').slice(1)
    const isOurs = devices.length === 0 || devices.some((device) => device.trim() === DEVICE)
    // How long it may be used when stale (`max-age=600+60`) is not for us to use.
    return isOurs ? [text.replace(/\+\d+\s*$/, '')] : []
  })
  return parseCacheControl(own.join(', '))
}

/** What the handler is told that it can say, behind what caches before this one can. */
export function surrogateCapability(others: string | undefined): string {
  const own = `${DEVICE}="Surrogate/1.0"`
  return others === undefined ? own : `${others}, ${own}`
}

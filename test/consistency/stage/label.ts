// Reads what an answer says of itself.
import { outcomeOf } from '../../support/outcome.ts'
import type { Label } from '../history.ts'

/** The label in a `Cache-Status` field; an answer without one says nothing. */
export function labelOf(cacheStatus: string | undefined): Label {
  const text = cacheStatus ?? ''
  // Another process's run was waited for where the member of the shared tier says so.
  const outcome = text.includes('; collapsed') ? 'collapsed' : outcomeOf({ headers: { 'cache-status': text } })
  return {
    outcome,
    degraded: text.includes('detail=degraded'),
    stored: outcome === 'miss' && text.includes('; stored'),
  }
}

// Reads from an answer's Cache-Status what the cache did.
import type { Answer } from './http-client.ts'

/** Where the answer came from; `hit l2` = from Redis, `miss` = from the handler. */
export type SeenOutcome = 'hit l1' | 'hit l2' | 'miss' | 'collapsed' | 'bypass' | 'none'

/** The outcome that the cache's own members of `Cache-Status` tell, the one nearest the client last. */
export function outcomeOf({ headers }: Pick<Answer, 'headers'>): SeenOutcome {
  const members = String(headers['cache-status'] ?? '')
    .split(', ')
    .filter((member) => member.startsWith('tiercache-'))
  const nearest = members.at(-1)
  if (nearest === undefined) return 'none'
  if (nearest.includes('; collapsed')) return 'collapsed'
  if (nearest.includes('; hit')) return 'hit l1'
  if (nearest.includes('; fwd=bypass')) return 'bypass'
  return members.some((member) => member.startsWith('tiercache-l2; hit')) ? 'hit l2' : 'miss'
}

// C3: without Redis an entry answers at most `maxStale` past its last validation.
import type { History } from '../history.ts'
import type { Check } from './check.ts'
import { judgeLag } from './lagging.ts'

/** C3. */
export const degraded: Check = {
  name: 'C3 degraded',
  judge: (history: History) =>
    judgeLag(degraded.name, history, ({ route, label }) => (label.degraded ? route.maxStale : undefined)),
}

// C2: an answer lags the last acknowledged write by at most D, whatever happens to messages and processes.
import type { History } from '../history.ts'
import type { Check } from './check.ts'
import { judgeLag } from './lagging.ts'

/** C2. Only an answer that says `degraded` may lag more: what was served without a word was validated within D. */
export const bounded: Check = {
  name: 'C2 bounded',
  judge: (history: History) =>
    judgeLag(bounded.name, history, ({ route, label }) => (label.degraded ? undefined : route.bound)),
}

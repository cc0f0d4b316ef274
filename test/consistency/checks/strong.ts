// C1: a strong reader never receives an answer older than a write acknowledged before it asked.
import type { History } from '../history.ts'
import type { Check } from './check.ts'
import { judgeLag } from './lagging.ts'

/** C1. Where Redis does not answer, the handler runs: there is no excuse. */
export const strong: Check = {
  name: 'C1 strong',
  judge: (history: History) => judgeLag(strong.name, history, ({ route }) => (route.bound === 0 ? 0 : undefined)),
}

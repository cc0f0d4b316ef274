// Nothing is done: what everything else is compared with.
import type { Fault } from './fault.ts'

export const none: Fault = {
  name: 'none',
  about: 'nothing is broken',
  strike: (stage) => stage.pause(100, 200),
}

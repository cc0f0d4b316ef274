// Handlers of writes take long: whoever reads meanwhile must not keep what will be wrong.
import type { Fault } from './fault.ts'

export const slowWrites: Fault = {
  name: 'slow-writes',
  about: 'writes take long, before their commit and after it',
  async strike(stage) {
    stage.origin.slow = true
    await stage.pause(1_000, 2_000)
    stage.origin.slow = false
  },
}

// The primary dies and its replica takes its place, with or without what was acknowledged last.
import type { Fault } from './fault.ts'

export const promote: Fault = {
  name: 'promote',
  about: 'a replica that may lag takes the place of the primary',
  async strike(stage) {
    const replica = await stage.redis.replica()
    const lags = stage.random.chance(0.7)
    // What is acknowledged while the replica stands still dies with the primary.
    if (lags) await replica.freeze()
    await stage.pause(100, 600)
    await stage.outage(async () => {
      await stage.lead(undefined)
      await stage.redis.primary.kill()
      if (lags) replica.thaw()
      await stage.redis.promote()
      await stage.pause(0, 300)
      await stage.lead(stage.redis.primary.port)
    })
    await stage.pause(300, 800)
  },
}

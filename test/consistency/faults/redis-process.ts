// The Redis server stands still, or dies and comes back with an old memory.
import type { Fault } from './fault.ts'

export const restoreRedis: Fault = {
  name: 'restore-redis',
  about: 'kill -9 of Redis, which restarts from an old RDB file',
  async strike(stage) {
    const { primary } = stage.redis
    await primary.cli('SAVE')
    // What is written from here on will be forgotten.
    await stage.pause(300, 700)
    await stage.outage(async () => {
      await primary.kill()
      await stage.pause(0, 500)
      await primary.start()
    })
    await stage.pause(500, 1_000)
  },
}

export const pauseRedis: Fault = {
  name: 'pause-redis',
  about: 'SIGSTOP and SIGCONT of Redis',
  strike: (stage) =>
    stage.outage(async () => {
      await stage.redis.primary.freeze()
      await stage.pause(50, 1_500)
      stage.redis.primary.thaw()
    }),
}

export const debugSleep: Fault = {
  name: 'debug-sleep',
  about: 'DEBUG SLEEP: Redis answers nobody for a while',
  strike: (stage) =>
    stage.outage(async () => {
      await stage.redis.primary.cli('DEBUG', 'SLEEP', stage.random.between(0.05, 0.8).toFixed(3))
    }),
}

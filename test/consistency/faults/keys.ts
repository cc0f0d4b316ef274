// Redis forgets version keys, or strangers write to them.
import type { Stage } from '../stage/stage.ts'
import type { Fault } from './fault.ts'

export const flush: Fault = {
  name: 'flush',
  about: 'FLUSHALL',
  async strike(stage) {
    await stage.upheaval(() => stage.redis.primary.cli('FLUSHALL'))
    await stage.pause(100, 600)
  },
}

export const evict: Fault = {
  name: 'evict',
  about: 'memory is full: every key is evicted, and none can be set for a while',
  async strike(stage) {
    const { primary } = stage.redis
    await stage.upheaval(async () => {
      await primary.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random')
      await primary.cli('CONFIG', 'SET', 'maxmemory', '1')
      await stage.pause(50, 300)
      await primary.cli('CONFIG', 'SET', 'maxmemory', '0')
    })
    await stage.pause(100, 600)
  },
}

export const meddle: Fault = {
  name: 'meddle',
  about: 'version keys are deleted, overwritten or made counters',
  async strike(stage) {
    await stage.upheaval(async () => {
      const keys = (await stage.redis.primary.cli('KEYS', 'tiercache:v:*')).split('\n')
      for (const key of keys) if (stage.random.chance(0.3)) await meddleWith(key, stage)
    })
    await stage.pause(50, 400)
  },
}

/** In one step: a process that reads meanwhile must not put a token between. */
const COUNTER = "redis.call('DEL', KEYS[1]) return redis.call('INCR', KEYS[1])"

async function meddleWith(key: string, { redis: { primary }, random }: Stage): Promise<void> {
  const command = random.pick([
    ['DEL', key],
    ['SET', key, 'something else'],
    ['EVAL', COUNTER, '1', key],
  ])
  await primary.cli(...command)
}

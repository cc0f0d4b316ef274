// Those who waited for a run that helps nobody else run at once: what the shared tier did not know, it is not asked again.
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { overFrameworks, type Reply } from '../middleware.ts'
import { starting } from '../starting.ts'

// T48
overFrameworks('a run that helps nobody else', (harness) => {
  const start = starting(harness)
  let redis: RedisServer

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  const useless: [what: string, reply: Reply][] = [
    ['fails', { status: 500, body: 'broken' }],
    ['answers for its asker alone', { headers: { 'Set-Cookie': 'a=1' }, body: 'mine' }],
  ]
  for (const [what, reply] of useless) {
    it(`lets its followers run without another look into Redis where it ${what}`, async () => {
      const gates = new Gates()
      const arrivals = new Arrivals()
      let looks = 0
      const app = await start(
        (told) => {
          told.read(
            '/page',
            async () => {
              await gates.wait()
              return reply
            },
            '1m',
            { tags: arrivals.tags },
          )
        },
        {
          ...unhurried,
          redis: redis.url,
          namespace: `${harness.name}-${what.length}`,
          parts: {
            tiers: ({ memory, shared }) => ({
              memory,
              shared: {
                name: 'l2',
                get(key) {
                  looks++
                  return shared!.get(key)
                },
                set: (...args) => shared!.set(...args),
              },
            }),
          },
        },
      )
      const answers = Promise.all(Array.from({ length: 21 }, () => ask(app, '/page')))
      await arrivals.reach(21)
      await gates.reach(1)
      gates.open()
      await gates.reach(21)
      gates.open()
      expect((await answers).map(({ status }) => status)).to.deep.equal(Array(21).fill(reply.status ?? 200))
      expect(looks).to.equal(1)
    })
  }
})

// Without Redis: what was written is told later, what is old says so, and nothing is used for ever.
import type { RedisClient } from '../../../src/connection/client/client.ts'
import { concreteParts } from '../../../src/parts.ts'
import { scripts } from '../../../src/versions/scripts.ts'
import { stalenessChecks } from '../checks/all.ts'
import { bounded } from '../checks/bounded.ts'
import { degraded } from '../checks/degraded.ts'
import { networkFault } from '../faults/connections.ts'
import { altered } from './altered.ts'
import type { Mutant } from './mutant.ts'

export const journalLost: Mutant = {
  name: 'journal not replayed',
  about: 'writes made without Redis are told to it before it is trusted again',
  fault: networkFault('drop-commands'),
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      connect(options) {
        const connection = concreteParts.connect(options)
        const silent = (client: RedisClient): RedisClient =>
          altered(client, {
            evalsha: async (sha, ...rest) =>
              sha === scripts.bump.sha ? ['0000000000000000.0000000000000000', 0, ''] : client.evalsha(sha, ...rest),
          })
        return altered(connection, {
          insist: (run, shard) => connection.insist((client) => run(silent(client)), shard),
        })
      },
    },
  }),
}

export const neverSaysDegraded: Mutant = {
  name: 'never says degraded',
  about: 'what may lag more than its bound says so',
  fault: networkFault('cut-off'),
  breaks: [bounded],
  weaken: () => ({
    parts: {},
    exchange: (exchange) =>
      altered(exchange, {
        send(response, delivery) {
          const cacheStatus = delivery.cacheStatus?.replace('; detail=degraded', '')
          exchange.send(response, { ...delivery, cacheStatus })
        },
      }),
  }),
}

export const staleForEver: Mutant = {
  name: 'maxStale is ignored',
  about: 'without Redis an entry answers for a limited time',
  fault: networkFault('cut-off'),
  breaks: [degraded],
  weaken: () => ({
    parts: {
      versions: (versions) =>
        altered(versions, {
          usable: (tag, terms) => versions.usable(tag, { ...terms, maxStale: Number.POSITIVE_INFINITY }),
          read: (tags, terms) => versions.read(tags, { ...terms, maxStale: Number.POSITIVE_INFINITY }),
        }),
    },
  }),
}

// One run per version, shared by those who may share it, and kept only where no write is under way.
import type { Entry } from '../../../src/entry.ts'
import { type Flight, Flights } from '../../../src/flights.ts'
import { claimScripts } from '../../../src/guard/redis.ts'
import { concreteParts } from '../../../src/parts.ts'
import type { Store } from '../../../src/store/store.ts'
import { stalenessChecks } from '../checks/all.ts'
import { load } from '../checks/load.ts'
import { none } from '../faults/none.ts'
import { altered } from './altered.ts'
import type { Mutant } from './mutant.ts'

export const flightWithoutVersions: Mutant = {
  name: 'flight without versions',
  about: 'who asks after an invalidation must not be answered by a run from before',
  fault: none,
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      flights: (clock) =>
        new (class extends Flights<Entry> {
          override start(...[key, , deadline]: Parameters<Flights<Entry>['start']>): Flight<Entry> {
            return altered(super.start(key, undefined, deadline), { learn: () => {} })
          }
        })(clock),
    },
  }),
}

export const noFlights: Mutant = {
  name: 'no flights',
  about: 'one run at a time per version on a process',
  fault: none,
  breaks: [load],
  weaken: () => ({
    parts: {
      flights: (clock) =>
        new (class extends Flights<Entry> {
          override get(): undefined {
            return undefined
          }
        })(clock),
    },
  }),
}

export const everyClaimGranted: Mutant = {
  name: 'every claim is granted',
  about: 'one run at a time per version in the fleet',
  fault: none,
  breaks: [load],
  weaken: () => ({
    parts: {
      openClients(...args) {
        const clients = concreteParts.openClients(...args)
        const { commands } = clients
        const { evalsha } = commands
        commands.evalsha = async (sha, ...rest) =>
          sha === claimScripts.claim.sha ? 1 : evalsha.call(commands, sha, ...rest)
        return clients
      },
    },
  }),
}

export const entryUnchecked: Mutant = {
  name: 'shared entries are not checked',
  about: 'an entry in Redis is as good as the tokens it carries',
  fault: none,
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      tiers: ({ memory, shared }) => ({
        memory,
        shared: altered<Store>(shared!, {
          async get(key) {
            const entry = await shared!.get(key)
            return entry && { ...entry, versions: { tags: [], tokens: [] } }
          },
        }),
      }),
    },
  }),
}

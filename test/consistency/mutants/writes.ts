// A write commits, then bumps, then answers; one that announced itself is heard of as long as it lasts.
import type { Versions } from '../../../src/versions/versions.ts'
import { stalenessChecks } from '../checks/all.ts'
import { none } from '../faults/none.ts'
import { slowWrites } from '../faults/slow-writes.ts'
import { altered } from './altered.ts'
import type { Mutant } from './mutant.ts'

export const bumpBeforeCommit: Mutant = {
  name: 'bump before commit',
  about: 'between bump and commit the former value would be stored under the new token',
  fault: none,
  breaks: stalenessChecks,
  weaken() {
    let real: Versions | undefined
    return {
      beforeWrite: (tag) => real!.bump([tag]),
      parts: {
        versions(versions) {
          real = versions
          return altered(versions, { bump: () => ({ applied: 'everywhere', journalled: false }) })
        },
      },
    }
  },
}

export const unrenewedMarker: Mutant = {
  name: 'unrenewed marker',
  about: 'a writer that is slow is not dead',
  fault: slowWrites,
  breaks: stalenessChecks,
  weaken: () => ({ parts: { intentTimes: { life: 2, every: 1_000_000 } } }),
}

export const storedUnderMarker: Mutant = {
  name: 'stored under a marker',
  about: 'while a writer is at work nothing is kept',
  fault: slowWrites,
  breaks: stalenessChecks,
  weaken: () => ({ parts: { versions: (versions) => altered(versions, { reach: () => 'every process' }) } }),
}

// Safeguards that are taken away, one at a time: the simulation must catch each.
import type { Clock } from '../../src/clock.ts'
import { concreteParts } from '../../src/parts.ts'
import { TokenTable } from '../../src/versions/table.ts'
import { allMutants } from '../consistency/mutants/all.ts'
import { connectWith } from '../consistency/mutants/connections.ts'
import type { Weakness } from '../consistency/mutants/mutant.ts'
import { counting, type Script } from './scripts.ts'

/** A missing safeguard. */
export interface Mutant {
  readonly name: string
  /** The fault that brings it to light. */
  readonly fault: string
  /** What becomes of a process that has this clock. */
  readonly weaken: (clock: Clock) => Weakness
  /** What scripts of its own do, by their text. */
  readonly scripts?: ReadonlyMap<string, Script>
}

/** Those that need nothing of their own here, and what brings them to light. */
const shared: readonly (readonly [name: string, fault: string])[] = [
  ['token read after the run', 'none'],
  ['bump before commit', 'none'],
  ['the answer leaves before the bump', 'slow-commands'],
  ['no generation', 'restore-redis'],
  ['flight without versions', 'none'],
  ['no flights', 'none'],
  ['every claim is granted', 'none'],
  ['shared entries are not checked', 'none'],
  ['messages are ignored', 'none'],
  ['trust on reconnect', 'cut-messages'],
  ['messages void no reads', 'slow-commands'],
  ['stored under a marker', 'none'],
  ['journal not replayed', 'cut-commands'],
  ['never says degraded', 'stuck-both'],
  ['maxStale is ignored', 'stuck-both'],
]

function sharedMutant([name, fault]: readonly [name: string, fault: string]): Mutant {
  const found = allMutants.find((mutant) => mutant.name === name)
  if (found === undefined) throw new Error(`No mutant is called ${name}`)
  return { name, fault, weaken: () => found.weaken() }
}

const counterFromZero: Mutant = {
  name: 'counter from 0',
  fault: 'flush',
  weaken: () => ({ parts: { scripts: counting.parts } }),
  scripts: counting.scripts,
}

const datedByReply: Mutant = {
  name: 'validation dated by its reply',
  fault: 'pause-asking',
  weaken: (clock) => ({
    parts: {
      tokenTable: () =>
        new (class extends TokenTable {
          override set(...[tag, slot]: Parameters<TokenTable['set']>): void {
            super.set(tag, { ...slot, sentAt: clock.now() })
          }
        })(100_000),
    },
  }),
}

const busInstalls: Mutant = {
  name: 'the bus installs tokens',
  fault: 'slow-messages',
  weaken(clock) {
    const table = concreteParts.tokenTable()
    return {
      parts: {
        tokenTable: () => table,
        connect: connectWith({
          message: (text, pass, connection) => {
            pass(text)
            const [kind, bump = '', ...rest] = text.split(' ')
            if (kind !== 'bump' || bump.startsWith('!')) return
            const tag = rest.join(' ')
            const shard = connection.shardOf(`tiercache:v:${tag}`)
            const at = clock.now()
            const token = `${shard.generation}:${bump}`
            table.set(tag, { token, sentAt: at, heldSince: at, shard, marker: false, keyUntil: 0, used: false })
          },
        }),
      },
    }
  },
}

const unrenewedMarker: Mutant = {
  name: 'unrenewed marker',
  fault: 'none',
  weaken: () => ({ parts: { intentTimes: { life: 200, every: 1_000_000 } } }),
}

/** All of them. */
export const mutants: readonly Mutant[] = [
  ...shared.map(sharedMutant),
  counterFromZero,
  datedByReply,
  busInstalls,
  unrenewedMarker,
]

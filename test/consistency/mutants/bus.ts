// The bus makes a process forget, and voids what it is reading; nothing it missed is trusted.
import { concreteParts } from '../../../src/parts.ts'
import type { TokenTable } from '../../../src/versions/table.ts'
import { stalenessChecks } from '../checks/all.ts'
import { clientKill, networkFault } from '../faults/connections.ts'
import { none } from '../faults/none.ts'
import { altered } from './altered.ts'
import { connectWith } from './connections.ts'
import type { Mutant } from './mutant.ts'

/** `bump <token> <tag>`, as it is told on the bus. */
function bumpIn(text: string): { readonly token: string; readonly tag: string } | undefined {
  const [kind, token, ...rest] = text.split(' ')
  return kind === 'bump' && token !== undefined ? { token, tag: rest.join(' ') } : undefined
}

/** A table that the weakened part gets hold of. */
function openTable() {
  const table: TokenTable = concreteParts.tokenTable()
  return { table, parts: { tokenTable: () => table } }
}

export const deafToBumps: Mutant = {
  name: 'messages are ignored',
  about: 'a message makes the process forget the tag',
  fault: none,
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      connect: connectWith({
        message: (text, pass) => {
          if (bumpIn(text) === undefined) pass(text)
        },
      }),
    },
  }),
}

export const trustOnReconnect: Mutant = {
  name: 'trust on reconnect',
  about: 'what was known before the bus fell silent is in doubt',
  fault: clientKill,
  tags: 16,
  routes: ['strong'],
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      connect: connectWith({
        shard: (primary) =>
          altered(primary, {
            get hearing() {
              const always = Number.NEGATIVE_INFINITY
              return { ...primary.hearing, since: always, provenSince: always, floor: always }
            },
          }),
      }),
    },
  }),
}

export const busInstalls: Mutant = {
  name: 'the bus installs tokens',
  about: 'an older message after an own bump must not bring the older token back',
  fault: networkFault('delay-messages'),
  routes: ['bounded', 'strong'],
  breaks: stalenessChecks,
  weaken() {
    const { table, parts } = openTable()
    return {
      parts: {
        ...parts,
        connect: connectWith({
          message: (text, pass, connection) => {
            const bump = bumpIn(text)
            pass(text)
            if (bump === undefined || bump.token.startsWith('!')) return
            const shard = connection.shardOf(`tiercache:v:${bump.tag}`)
            const at = performance.now()
            const token = `${shard.generation}:${bump.token}`
            table.set(bump.tag, { token, sentAt: at, heldSince: at, shard, marker: false, keyUntil: 0, used: false })
          },
        }),
      },
    }
  },
}

export const readsNotVoided: Mutant = {
  name: 'messages void no reads',
  about: 'a reply that a message overtook is older than the message',
  fault: networkFault('delay-commands'),
  routes: ['strong'],
  breaks: stalenessChecks,
  weaken() {
    const { table, parts } = openTable()
    return {
      parts: {
        ...parts,
        connect: connectWith({
          message: (text, pass) => {
            const bump = bumpIn(text)
            if (bump === undefined) pass(text)
            else table.forget(bump.tag)
          },
        }),
      },
    }
  },
}

export const answerBeforeBump: Mutant = {
  name: 'the answer leaves before the bump',
  about: 'a write is acknowledged once Redis confirmed its bump',
  fault: networkFault('delay-commands'),
  routes: ['strong'],
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      versions: (versions) =>
        altered(versions, {
          bump(tags) {
            void versions.bump(tags)
            return { applied: 'everywhere', journalled: false }
          },
        }),
    },
  }),
}

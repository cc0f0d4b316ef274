// Tokens are read before the run, unique for ever, of one history, and as old as the question.
import { script } from '../../../src/connection/client/script.ts'
import type { VersionSet } from '../../../src/entry.ts'
import { concreteParts } from '../../../src/parts.ts'
import type { Store, SyncStore } from '../../../src/store/store.ts'
import { type Scripts, scripts } from '../../../src/versions/scripts.ts'
import { TokenTable } from '../../../src/versions/table.ts'
import type { Terms, Versions } from '../../../src/versions/versions.ts'
import { stalenessChecks } from '../checks/all.ts'
import { pauseReading } from '../faults/connections.ts'
import { flush } from '../faults/keys.ts'
import { none } from '../faults/none.ts'
import { restoreRedis } from '../faults/redis-process.ts'
import { altered } from './altered.ts'
import type { Mutant } from './mutant.ts'

const WHATEVER_IS_KNOWN = {
  bound: Number.POSITIVE_INFINITY,
  maxStale: Number.POSITIVE_INFINITY,
  since: Number.NEGATIVE_INFINITY,
}

/** A set whose tokens, copied or not, are those of the moment at which they are looked at. */
function presentTokens(versions: Versions, { tags, tokens }: VersionSet, terms: Terms): VersionSet {
  const present = { ...terms, ...WHATEVER_IS_KNOWN }
  const looking: ProxyHandler<readonly string[]> = {
    get(held, name, self) {
      if (name === 'slice') return () => self
      const tag = typeof name === 'string' ? tags[Number(name)] : undefined
      return tag === undefined ? Reflect.get(held, name) : (versions.usable(tag, present) ?? held[Number(name)])
    },
  }
  return { tags, tokens: new Proxy(tokens, looking) }
}

/** Keeps the tokens as they are when the entry is stored. */
function fixing<S extends Store>(store: S): S {
  const set: Store['set'] = (key, { versions: { tags, tokens }, ...entry }) =>
    store.set(key, { ...entry, versions: { tags, tokens: [...tokens] } })
  return altered<Store>(store, { set }) as S
}

export const tokenAfterRun: Mutant = {
  name: 'token read after the run',
  about: 'an invalidation that arrives during a run must outlive its result',
  fault: none,
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      tiers: ({ memory, shared }) => ({ memory: fixing<SyncStore>(memory), shared: shared && fixing(shared) }),
      versions: (versions) =>
        altered(versions, {
          read(tags, terms) {
            const read = versions.read(tags, terms)
            if (!(read instanceof Promise)) return presentTokens(versions, read, terms)
            return read.then((set) => presentTokens(versions, set, terms))
          },
        }),
    },
  }),
}

/** The same scripts, with `made` counting up from 0 and nothing drawn by chance. */
function countingScripts(): Scripts {
  const edits = [
    ['local made = now\nif made <= before then made = before + 1 end', 'local made = before + 1'],
    ["string.format('%.0f', made) .. '.' .. ARGV[1]", "string.format('%016.0f', made) .. '.0000000000000000'"],
  ] as const
  const count = (text: string) => edits.reduce((sum, [from, to]) => replaced(sum, from, to), text)
  const { bump, create, intend, prolong } = scripts
  return {
    bump: script(count(bump.text)),
    create: script(count(create.text)),
    intend: script(count(intend.text)),
    prolong,
  }
}

/** A mutant that changes nothing must not pass for one. */
function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`The scripts do not contain ${JSON.stringify(from)} any more`)
  return text.replace(from, to)
}

export const counterFromZero: Mutant = {
  name: 'counter from 0',
  about: 'a key that is lost must not come back to a former token',
  fault: flush,
  breaks: stalenessChecks,
  weaken: () => ({ parts: { scripts: countingScripts() } }),
}

export const noGeneration: Mutant = {
  name: 'no generation',
  about: 'a restored snapshot holds former tokens together with former entries',
  fault: restoreRedis,
  tags: 16,
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      openClients(...args) {
        const clients = concreteParts.openClients(...args)
        const { commands } = clients
        const { info } = commands
        commands.info = async (section) =>
          (await info.call(commands, section)).replace(/^master_replid:\w+/m, 'master_replid:always')
        return clients
      },
    },
  }),
}

export const datedByReply: Mutant = {
  name: 'validation dated by its reply',
  about: 'a process that stood still must not count the pause',
  fault: pauseReading,
  // What strong readers ask for, bounded readers are answered with.
  routes: ['strong', 'bounded'],
  breaks: stalenessChecks,
  weaken: () => ({
    parts: {
      tokenTable: () =>
        new (class extends TokenTable {
          override set(...[tag, slot]: Parameters<TokenTable['set']>): void {
            super.set(tag, { ...slot, sentAt: performance.now() })
          }
        })(100_000),
    },
  }),
}

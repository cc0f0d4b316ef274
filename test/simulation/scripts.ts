// What the cache's Lua scripts do, in JavaScript. A test holds both together on a real server.
import { script } from '../../src/connection/client/script.ts'
import { claimScripts } from '../../src/guard/redis.ts'
import { scripts } from '../../src/versions/scripts.ts'
import type { Keyspace } from './keyspace.ts'

/** A script on one key, with its arguments as texts. */
export type Script = (store: Keyspace, key: string, args: readonly string[]) => unknown

interface Made {
  readonly token: string
  /** µs. */
  readonly now: number
  readonly former: string
}

function makeToken(store: Keyspace, key: string, digits: string): Made {
  const now = store.time
  const value = store.get(key)
  const former = typeof value === 'string' ? value : ''
  const before = Number(/^!?(\d+)\./.exec(former)?.[1] ?? 0)
  const made = now <= before ? before + 1 : now
  return { token: `${made.toFixed(0)}.${digits}`, now, former }
}

interface Writers {
  readonly writers: string
  readonly last: number
  readonly dead: boolean
}

/** Those still at work but for the one who leaves, when the last of them is given up, and whether one has been. */
function writersOf({ former, now }: Made, leaving: string): Writers {
  const list = /^!.*?!(.*)$/.exec(former)?.[1] ?? ''
  let writers = ''
  let last = 0
  let dead = false
  for (const [, writer, deadline] of list.matchAll(/([^:,]+):(\d+)/g)) {
    const at = Number(deadline)
    if (writer !== leaving && at <= now) dead = true
    if (writer === leaving || at <= now) continue
    writers += `${writer}:${deadline},`
    last = Math.max(last, at)
  }
  return { writers, last, dead }
}

const bump: Script = (store, key, [digits = '', life = '', channel = '', tag = '', leaving = '']) => {
  const made = makeToken(store, key, digits)
  const { writers, last } = writersOf(made, leaving)
  const token = writers === '' ? made.token : `!${made.token}`
  try {
    if (writers === '') store.set(key, token, Number(life))
    else store.set(key, `${token}!${writers}`, Math.ceil((last - made.now) / 1_000))
  } catch (error) {
    if (writers !== '' || !(error as Error).message.includes('OOM')) throw error
    store.delete(key)
  }
  store.publish(channel, `bump ${token} ${tag}`)
  return [token, life, '']
}

const create: Script = (store, key, [digits = '', life = '', channel = '', tag = '']) => {
  const held = store.get(key)
  if (typeof held === 'string') {
    if (/^\d{16,}\.[0-9a-fA-F]{16}$/.test(held)) return [held, store.pttl(key), '']
    const marker = /^(!\d{16,}\.[0-9a-fA-F]{16})!/.exec(held)?.[1]
    if (marker !== undefined) return [marker, 0, '']
  }
  const { token } = makeToken(store, key, digits)
  store.set(key, token, Number(life))
  store.publish(channel, `bump ${token} ${tag}`)
  return [token, life, '']
}

const prolong: Script = (store, key, [ms = '']) => {
  const held = store.get(key)
  if (typeof held === 'string' && held.startsWith('!')) return 0
  if (store.pttl(key) < Number(ms)) store.expire(key, Number(ms))
  return 1
}

const intend: Script = (store, key, [digits = '', life = '', channel = '', tag = '', writer = '']) => {
  const made = makeToken(store, key, digits)
  const { writers, last, dead } = writersOf(made, writer)
  const deadline = made.now + Number(life) * 1_000
  const name = /^(!\d+\.[0-9a-fA-F]+)!/.exec(made.former)?.[1]
  const renewed = name !== undefined && !dead && made.former.includes(`${writer}:`)
  const token = renewed ? name : `!${made.token}`
  const until = Math.max(deadline, last)
  store.set(key, `${token}!${writers}${writer}:${deadline.toFixed(0)},`, Math.ceil((until - made.now) / 1_000))
  if (!renewed) store.publish(channel, `bump ${token} ${tag}`)
  return [token, 0, '']
}

const claim: Script = (store, key, [owner = '', ms = '']) => {
  if (store.get(key) !== null) return 0
  store.set(key, owner, Number(ms))
  return 1
}

const renew: Script = (store, key, [owner = '', ms = '']) => {
  return store.get(key) === owner ? store.expire(key, Number(ms)) : 0
}

const release: Script = (store, key, [owner = '', channel = '', landing = '', name = '']) => {
  if (store.get(key) !== owner) return 0
  store.delete(key)
  store.publish(channel, `landed ${landing} ${name}`)
  return 1
}

const byText: ReadonlyMap<string, Script> = new Map([
  [scripts.bump.text, bump],
  [scripts.create.text, create],
  [scripts.prolong.text, prolong],
  [scripts.intend.text, intend],
  [claimScripts.claim.text, claim],
  [claimScripts.renew.text, renew],
  [claimScripts.release.text, release],
])

/** Versions that count up from 0, as other caches have them. */
const count: Script = (store, key, [, life = '', channel = '', tag = '']) => {
  const before = Number(/^(\d+)\./.exec(String(store.get(key)))?.[1] ?? 0)
  const token = counted(before + 1)
  store.set(key, token, Number(life))
  store.publish(channel, `bump ${token} ${tag}`)
  return [token, life, '']
}

const countFrom: Script = (store, key, args) => {
  const held = store.get(key)
  return held === null ? count(store, key, args) : [held, store.pttl(key), '']
}

function counted(value: number): string {
  return `${String(value).padStart(16, '0')}.0000000000000000`
}

const named = { bump: script('counts'), create: script('counts from 0') }

/** A weakened part, and what its scripts do. */
export const counting = {
  parts: { ...scripts, ...named },
  scripts: new Map([
    [named.bump.text, count],
    [named.create.text, countFrom],
  ]),
} as const

/** What a script does, by its text. `others` are those of weakened parts. */
export function scriptOf(text: string, others: ReadonlyMap<string, Script> = new Map()): Script {
  const known = others.get(text) ?? byText.get(text)
  if (known === undefined) throw new Error(`The simulation does not know this script: ${text}`)
  return known
}

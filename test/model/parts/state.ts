// What there is in the model: a database, Redis, processes with their connections and memory, writers and readers.

/** A version as its key holds it: `time.random`, or `!time.random` where writers with intent stand. */
export type Token = string

/** A stored answer and the versions it stands on, one for each tag. */
export interface Entry {
  readonly value: number
  readonly tokens: readonly Token[]
}

/** A writer who announced a write, and the ticks within which it must renew. */
export interface Standing {
  readonly writer: string
  readonly within: number
}

/** A version key. */
export interface Key {
  readonly token: Token
  /** Only in a marker. */
  readonly standing?: readonly Standing[]
}

/** What one server of Redis holds. */
export interface Node {
  /** Its `master_replid`: another one after each restart and promotion. */
  readonly generation: number
  /** The version key of each tag; undefined where it is missing. */
  readonly keys: readonly (Key | undefined)[]
  /** What L2 holds under the one fingerprint of the model. */
  readonly entry: Entry | undefined
}

/** All servers. */
interface Redis {
  readonly nodes: readonly Node[]
  /** Which node acknowledges bumps of our tags. */
  readonly owner: number
  /** Whether the deposed primary is a replica of the new one by now: then it passes on what is published. */
  readonly follows?: true
  /** The servers' clock: finer than ticks. */
  readonly time: number
  /** Stands for the random part of tokens. */
  readonly made: number
  readonly generations: number
  /** A snapshot that a restart may bring back. */
  readonly saved: Node | undefined
}

/** Proof that a token was right so many ticks ago. `knows` is no part of the protocol: the newest write acknowledged by then. */
export interface Validation {
  readonly age: number
  readonly knows: number
}

/** A token that a process holds, and when the read that brought it was sent. */
export interface Slot extends Validation {
  readonly token: Token
  /** The subscription that was heard when the read was sent. */
  readonly session: number
  /** Made here while Redis was away. */
  readonly local?: true
}

/** What a command asks. */
export type Ask =
  | { readonly kind: 'read'; readonly tag: number }
  | { readonly kind: 'bump'; readonly writer: number }
  | { readonly kind: 'replay'; readonly value: number }
  | { readonly kind: 'look'; readonly reader: number }
  | { readonly kind: 'store'; readonly entry: Entry }
  | { readonly kind: 'check' }
  /** A message to this process alone, which Redis is to tell it on the bus. */
  | { readonly kind: 'echo' }

/** What Redis answered: what was asked for, and who answers. */
export interface Reply {
  readonly token?: Token
  readonly entry?: Entry | undefined
  readonly generation: number
  readonly owns: boolean
  readonly time: number
}

/** A command on its way, with what happened since it was sent. */
export interface Command extends Validation {
  readonly ask: Ask
  readonly session: number
  /** The last token that was heard of for this tag meanwhile. */
  readonly heard?: Token
  /** Readers that take this very answer. */
  readonly askers: readonly number[]
  readonly reply?: Reply
}

/** The connection for commands: first in, first out. */
export interface Commands {
  /** Whether the server still takes what we send. Nobody has told us yet when it does not. */
  readonly alive: boolean
  readonly node: number
  /** What the last check said. */
  readonly generation: number
  readonly queue: readonly Command[]
}

/** What comes over the subscriber connection. */
export type Message = { readonly kind: 'bump'; readonly tag: number; readonly token: Token } | Echo

/** A message that comes back to its sender, behind all that was told before; with what was so when it was sent. */
interface Echo extends Validation {
  readonly kind: 'echo'
  readonly askers: readonly number[]
}

/** The subscriber connection. */
export interface Bus {
  readonly alive: boolean
  readonly node: number
  /** Names the subscription; 0 = none. */
  readonly session: number
  readonly queue: readonly Message[]
}

/** One process that caches. */
export interface Process {
  /** Whether it counts Redis as reachable; if not, it is degraded. */
  readonly up: boolean
  readonly commands: Commands
  readonly bus: Bus
  readonly slots: readonly (Slot | undefined)[]
  /** Up to when the bus proved that the slots of its session are right. */
  readonly proof: (Validation & { readonly session: number }) | undefined
  /** When the last good check of the server was sent. */
  readonly checked: Validation
  /** L1, for the one fingerprint of the model. */
  readonly memory: Entry | undefined
  /** The newest value whose bump Redis has not confirmed; 0 = none. */
  readonly journal: number
  readonly locals: number
  readonly sessions: number
  /** The server's time at the last check. */
  readonly serverTime: number
  /** Not of the protocol: the newest write that this process acknowledged. */
  readonly own: number
}

/** A request that writes, on its way. */
export interface Writer {
  readonly phase: 'idle' | 'begun' | 'bumped' | 'committed' | 'bumping' | 'dying' | 'done'
  readonly value?: number
  /** Died: the ticks within which what it sent to the database may still take effect. */
  readonly within?: number
  /** Its marker may be gone, and it has not renewed it since. */
  readonly unsure?: boolean
}

/** The oldest values that the clauses of the contract allow; left out where any will do. */
export interface Least {
  /** C1: the newest write acknowledged by anyone. */
  readonly strong: number
  /** C2: by its own process. */
  readonly own: number
  /** C2: by anyone, more than D ago. */
  readonly bounded: number
  /** C3: by anyone, more than `maxStale` ago. */
  readonly degraded: number
  /** Intent: of a writer that died longer ago than the life of its marker and D. */
  readonly orphaned: number
}

/** A request that reads, on its way. */
export interface Reader {
  readonly at: number
  /** Under the default mode, under strong consistency, or of a route whose tag is known only after the run. */
  readonly kind: 'bounded' | 'strong' | 'late'
  readonly phase: 'away' | 'reading' | 'looking' | 'running' | 'answering' | 'storing' | 'following' | 'done'
  /** The versions it has read; none while it reads, or where nobody else may have its answer. */
  readonly tokens?: readonly (Token | undefined)[]
  readonly knows: number
  readonly value?: number
  readonly leader?: number
  /** Strong: how many answers it waits for, and the subscription it asked on. */
  readonly waits?: number
  readonly session?: number
  /** What was known of a late tag before the run. */
  readonly mark?: { readonly held: Token | undefined; readonly time: number; readonly generation: number }
  /** Not of the protocol: what the contract owes it, known when it arrives, and whether its process was degraded since. */
  readonly least?: Partial<Least>
  readonly degraded?: true
}

/** What belongs to nobody. */
export interface World {
  readonly database: number
  /** The newest value acknowledged by now, one tick ago, two ticks ago ... */
  readonly acknowledged: readonly number[]
  /** How often each fault may still strike. */
  readonly left: Readonly<Record<string, number>>
  /** What a writer left behind who died, and the ticks for which an older value may be served. */
  readonly owed?: { readonly value: number; readonly within: number }
  readonly broken?: string
}

/** Everything. */
export interface State {
  readonly world: World
  readonly redis: Redis
  readonly processes: readonly Process[]
  readonly writers: readonly Writer[]
  readonly readers: readonly Reader[]
}

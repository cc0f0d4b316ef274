// A random application and its clients, as data: equal data, equal answers.

/** How a handler sends its body: by the framework's own means, or by those of `node:http`. */
export const frameworkForms = ['text', 'bytes', 'json', 'nothing', 'stream', 'web', 'status', 'redirect'] as const
export const rawForms = [
  'end',
  'pieces',
  'encoded pieces',
  'last piece in end',
  'head object',
  'head list',
  'head pairs',
  'flushed',
  'announced',
  'short',
  'pipe',
  'pipeline',
  'trailers',
  'hints',
  'ranged',
] as const
export type FrameworkForm = (typeof frameworkForms)[number]
export type RawForm = (typeof rawForms)[number]

/** How a handler fails, if it does. A broken-off answer is one that no client reads to its end. */
export const faults = ['throw', 'throw later', 'not found', 'broken off', 'never begun'] as const
type Fault = (typeof faults)[number]

/** What comes before the head, and between two pieces of a body. */
export type Wait = 'none' | 'turn' | 'timer'

/** One thing a handler does to its header fields. `{k}` in a value is what tells this answer from others. */
export interface FieldPlan {
  readonly act: 'set' | 'append' | 'remove'
  readonly name: string
  readonly value: string | readonly string[]
}

/** What a handler answers. */
export interface AnswerPlan {
  readonly status: number
  readonly phrase: string | undefined
  readonly fields: readonly FieldPlan[]
  /** Bytes of filling after what tells this answer from others; undefined = no body at all. */
  readonly filling: number | undefined
  readonly content: 'text' | 'binary'
  readonly form: FrameworkForm | RawForm
  /** Pieces of a body that does not come whole. */
  readonly pieces: number
  readonly wait: Wait
  /** Fails at versions that are odd, or always. */
  readonly fault: { readonly kind: Fault; readonly always: boolean } | undefined
}

/** One route that reads, and the one beside it that writes. */
export interface RoutePlan {
  /** What the answer depends on: a name in `keyings`. */
  readonly keying: string
  /** Names in `extras`. */
  readonly extras: readonly string[]
  /** The cache stands on a path above the route, not on the route itself. */
  readonly mounted: boolean
  readonly answer: AnswerPlan
  readonly written: AnswerPlan
}

/** An application. */
export interface AppPlan {
  readonly routes: readonly RoutePlan[]
  /** Middleware before the cache sets fields of its own. */
  readonly outer: boolean
}

/** What is asked. `route` counts modulo the number of routes. */
export interface AskPlan {
  readonly route: number
  readonly query: string
  readonly fields: Readonly<Record<string, string>>
  /** JSON; undefined for GET. */
  readonly body: string | undefined
}

/** How one request differs from the ask it is made of, by its index modulo their number. */
export interface RequestPlan {
  readonly ask: number
  readonly head: boolean
  /** With another body, where there is one. */
  readonly other: boolean
  readonly fields: Readonly<Record<string, string>>
  /** Validators that came with the last answer, or made up ones. */
  readonly condition: Condition | undefined
}

export const conditions = [
  'seen tag',
  'seen tag in a list',
  'any tag',
  'other tag',
  'seen date',
  'old date',
  'both',
] as const
export type Condition = (typeof conditions)[number]

/** What clients do, one after another. `site` chooses a process where there are several. */
export type Step =
  | { readonly kind: 'ask'; readonly site: number; readonly request: RequestPlan }
  | { readonly kind: 'burst' | 'pipeline'; readonly site: number; readonly requests: readonly RequestPlan[] }
  | { readonly kind: 'abort'; readonly site: number; readonly request: RequestPlan; readonly begun: boolean }
  | { readonly kind: 'write'; readonly route: number; readonly meanwhile: RequestPlan | undefined }
  | { readonly kind: 'bump'; readonly route: number }

/** Where a sequence takes place. */
export interface Sequence {
  readonly framework: 'Express' | 'Koa'
  readonly redis: boolean
  readonly app: AppPlan
  readonly asks: readonly AskPlan[]
  readonly steps: readonly Step[]
}

// What a process is told when it begins, and what it says while it runs.

/** Told to a process as JSON, in its first argument. */
export interface AppSettings {
  /** Unique among all processes of a run, restarted ones included. */
  readonly name: string
  readonly framework: 'Express' | 'Koa'
  readonly redis: string
  /** The port of the registers. */
  readonly origin: number
  /** The safeguard that is taken away; undefined = none. */
  readonly mutant?: string | undefined
}

/** What a process says to the one that started it. */
export type AppMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'bumped'; readonly write: number; readonly applied: 'everywhere' | 'locally' }
  | { readonly type: 'kept'; readonly run: number; readonly versions: string }

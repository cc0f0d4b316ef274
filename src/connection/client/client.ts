/** The part of ioredis that we use. */

/** An ioredis 5 or 6 client, or Cluster. */
export interface RedisClient {
  readonly status: string
  readonly options: {
    readonly host?: string
    readonly port?: number
    readonly keyPrefix?: string
    readonly redisOptions?: { readonly keyPrefix?: string }
  }
  readonly isCluster?: boolean
  on(event: string, listener: (...args: never[]) => void): unknown
  get(key: string): Promise<string | null>
  getBuffer(key: string): Promise<Buffer | null>
  pttl(key: string): Promise<number>
  set(key: string, value: string | Buffer, mode: 'PX', ms: number): Promise<unknown>
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  evalsha(sha: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  info(section: string): Promise<string>
  role(): Promise<readonly unknown[]>
  time(): Promise<readonly (number | string)[]>
  publish(channel: string, text: string): Promise<number>
  subscribe(...channels: string[]): Promise<unknown>
  disconnect(reconnect?: boolean): void
  duplicate(...overrides: unknown[]): RedisClient
}

/** What a Cluster has besides. */
export interface ClusterClient extends RedisClient {
  nodes(role: 'master'): RedisClient[]
  cluster(question: 'INFO'): Promise<string>
  refreshSlotsCache(done: () => void): void
  /** `host:port` of the primary (first) and replicas of each slot. Not documented: where it is missing, no primary is known. */
  readonly slots?: readonly (readonly string[] | undefined)[]
}

/** A connection for commands and one for the bus, both to the same primary. */
export interface Primary {
  readonly name: string
  readonly commands: RedisClient
  readonly subscriber: RedisClient
}

/** Our own clients, opened from what the user gave. */
export interface OpenedClients {
  /** Sends each command where its key belongs. */
  readonly commands: RedisClient
  readonly cluster: boolean
  /** All primaries known now; the same objects as long as their connections are. */
  primaries(): readonly Primary[]
  /** The name of the primary that owns a key; undefined while none is known. */
  ownerOf(key: string): string | undefined
  /** A primary turned out to be none, or not the one that owns a key: find out who is. */
  moved(): void
  /** Tears everything down and connects anew. */
  reconnect(): void
  close(): void
}

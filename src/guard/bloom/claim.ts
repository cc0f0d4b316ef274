/** The right to rebuild a filter, which one process at a time has. */
import { runScript } from './client.ts'
import type { FilterKeys } from './filter-keys.ts'
import { type FilterKind, LEASE_MS, type Send } from './kind.ts'
import { abandonScript, extendScript } from './scripts.ts'

/** One process's claim, held or wanted. */
export class Claim {
  readonly #send: Send
  readonly #key: string
  readonly #owner: string

  constructor(send: Send, keys: FilterKeys, owner: string) {
    this.#send = send
    this.#key = keys.claim
    this.#owner = owner
  }

  /** False while another process has it. */
  async take(): Promise<boolean> {
    const taken = await this.#send((client) => client.call('SET', this.#key, this.#owner, 'PX', LEASE_MS, 'NX'))
    return taken === 'OK'
  }

  /** Keeps it, and what was made under it, alive for longer. */
  async extend(kind: FilterKind | undefined): Promise<void> {
    const keys = [this.#key, ...(kind?.next ?? [])]
    await this.#send((client) => runScript(client, extendScript, keys, [this.#owner, LEASE_MS]))
  }

  /** Gives it up, with what was made under it. */
  async abandon(kind: FilterKind | undefined): Promise<void> {
    const keys = [this.#key, ...(kind?.next ?? [])]
    await this.#send((client) => runScript(client, abandonScript, keys, [this.#owner]))
  }
}

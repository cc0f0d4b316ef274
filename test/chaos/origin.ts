// The one database behind all processes of a fleet: a number for each name, read and written over HTTP.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Deferred, deferred } from '../support/gate.ts'

/** The database, listening. */
export interface Origin {
  readonly port: number
  /** Reads so far. */
  readonly reads: number
  /** Changes the number behind everyone's back. */
  set(name: string, value: number): void
  /** Holds the answers of reads that come from now on: they tell what was true when they came. */
  hold(): { readonly arrived: Promise<void>; release(): void }
  stop(): Promise<void>
}

/** Starts a database of zeroes. */
export async function startOrigin(): Promise<Origin> {
  const values = new Map<string, number>()
  let reads = 0
  let held: { arrived: Deferred<void>; released: Deferred<void> } | undefined
  const server = createServer(async (req, res) => {
    const name = req.url ?? ''
    if (req.method === 'PUT') values.set(name, (values.get(name) ?? 0) + 1)
    else reads++
    const value = `${values.get(name) ?? 0}`
    if (req.method === 'GET' && held !== undefined) {
      held.arrived.resolve()
      await held.released.promise
    }
    res.end(value)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get reads() {
      return reads
    },
    set: (name, value) => void values.set(name, value),
    hold() {
      const holding = { arrived: deferred(), released: deferred() }
      held = holding
      return {
        arrived: holding.arrived.promise,
        release() {
          if (held === holding) held = undefined
          holding.released.resolve()
        },
      }
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

// The database behind all processes: a register for each tag that only grows, whose answers are slow to arrive.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { now, pause } from '../clock.ts'
import type { Instant, Run } from '../history.ts'
import type { Random } from '../random.ts'

/** What the registers tell of themselves, besides what they answer. */
export interface OriginLog {
  run(run: Run): void
  /** The write of this number has taken effect. */
  committed(write: number, value: number, at: Instant): void
}

/** The registers, listening. */
export interface Origin {
  readonly port: number
  /** Writes take long, before their commit and after it. */
  slow: boolean
  stop(): Promise<void>
}

/** Header fields by which handlers say for whom they ask. */
export const HEADERS = { request: 'x-request', process: 'x-process', fingerprint: 'x-fingerprint' } as const

/**
 * Starts registers of zeroes: `GET /tag` reads, `PUT /tag` adds one.
 *
 * What was read travels for a while before it arrives, so that a run may carry an old value past a write; a write is seen by everyone for
 * a while before its own handler hears that it is done.
 */
export async function startOrigin(random: Random, log: OriginLog): Promise<Origin> {
  const values = new Map<string, number>()

  async function read(req: IncomingMessage, res: ServerResponse, tag: string) {
    const from = now()
    const value = values.get(tag) ?? 0
    await pause(travelTime(random))
    log.run({ ...askedBy(req), tag, from, until: now() })
    res.end(`${value}`)
  }

  const writeTime = () => {
    if (origin.slow) return random.between(20, 300)
    return random.chance(0.15) ? random.between(10, 100) : random.between(0, 3)
  }

  async function write(req: IncomingMessage, res: ServerResponse, tag: string) {
    await pause(writeTime())
    const value = (values.get(tag) ?? 0) + 1
    values.set(tag, value)
    log.committed(askedBy(req).request, value, now())
    await pause(writeTime())
    res.end(`${value}`)
  }

  const server = createServer((req, res) => {
    const tag = (req.url ?? '').slice(1)
    void (req.method === 'PUT' ? write : read)(req, res, tag)
  })
  server.keepAliveTimeout = 0
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const origin: Origin = {
    port: (server.address() as AddressInfo).port,
    slow: false,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return origin
}

/** Mostly a few milliseconds, sometimes so long that several writes overtake. */
function travelTime(random: Random): number {
  const draw = random.next()
  if (draw < 0.02) return random.between(50, 300)
  return draw < 0.2 ? random.between(5, 40) : random.between(0, 5)
}

function askedBy({ headers }: IncomingMessage) {
  return {
    process: String(headers[HEADERS.process]),
    fingerprint: String(headers[HEADERS.fingerprint]),
    request: Number(headers[HEADERS.request]),
  }
}

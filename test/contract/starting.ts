// Applications that one test starts and that stop after it, and what their events say.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CacheEvent } from '../../src/observe/events.ts'
import type { Harness, Running } from './middleware.ts'

/** Starts applications as the harness does; call it inside `describe`. */
export function starting(harness: Harness): Harness['start'] {
  const started: Running[] = []
  afterEach(async () => {
    for (const app of started.splice(0)) await app.stop()
  })
  return async (tell, options) => {
    const app = await harness.start(tell, options)
    started.push(app)
    return app
  }
}

/** An application built by a framework's own means, for what the harness has no words for. */
export interface Native {
  listen(port: number, host: string): Server
}

/** Lets native applications listen on a free loopback port until the test is over; resolves to the port. */
export function listening(): (app: Native) => Promise<number> {
  const servers: Server[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
  return async (app) => {
    const server = app.listen(0, '127.0.0.1')
    servers.push(server)
    await new Promise((resolve) => server.once('listening', resolve))
    return (server.address() as AddressInfo).port
  }
}

/** Events of one type, in order. */
export function eventsOf<Type extends CacheEvent['type']>(
  { events }: Pick<Running, 'events'>,
  type: Type,
): Extract<CacheEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<CacheEvent, { type: Type }> => event.type === type)
}

/** How requests were answered, in the order they were. */
export function outcomes(app: Pick<Running, 'events'>): string[] {
  return eventsOf(app, 'request').map(({ outcome }) => outcome)
}

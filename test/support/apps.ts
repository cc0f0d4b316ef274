// What tests of several applications share: one name for all of them, and a look at what they did.

import type { RequestEvent } from '../../src/observe/events.ts'
import { expressHarness, type Harness, koaHarness, type Running } from '../contract/middleware.ts'
import { eventually } from './gate.ts'
import { type Answer, type SendOptions, send } from './http-client.ts'
import type { RedisServer } from './redis-server.ts'

/** Runs the same tests twice: once with Express as the first application and Koa as the second, once the other way round. */
export function overPairs(title: string, tests: (first: Harness, second: Harness) => void): void {
  describe(`${title}, Express then Koa`, () => tests(expressHarness, koaHarness))
  describe(`${title}, Koa then Express`, () => tests(koaHarness, expressHarness))
}

/** Sends a request to one of several applications behind one name: the host is part of what an answer is stored under. */
export function ask({ port }: Pick<Running, 'port'>, path: string, options: SendOptions = {}): Promise<Answer> {
  return send(port, path, { ...options, headers: { host: 'shop.test', ...options.headers } })
}

/** The outcomes of the requests so far, as `hit l1`, `miss`, `bypass`. */
export function outcomes({ events }: Pick<Running, 'events'>): string[] {
  return events
    .filter((event): event is RequestEvent => event.type === 'request')
    .map(({ outcome, tier }) => (tier === undefined ? outcome : `${outcome} ${tier}`))
}

/** Resolves to the key in Redis of the entry that the application stored last, once it is there. */
export async function storedKey({ events }: Pick<Running, 'events'>, redis: RedisServer, namespace = 'tiercache') {
  return eventually(async () => {
    const run = events.findLast((event) => event.type === 'run')
    if (run?.type !== 'run' || !run.stored) throw new Error(`Nothing was stored: ${JSON.stringify(run)}`)
    const key = `${namespace}:e:${run.key}`
    if ((await redis.cli('EXISTS', key)) !== '1') throw new Error(`${key} is not in Redis`)
    return key
  })
}

/** What listeners heard of Redis so far, as `redis down`, `get timeout`, `get ok`. */
export function changes({ events }: Pick<Running, 'events'>): string[] {
  return events.flatMap((event) => {
    if (event.type === 'redis') return [`redis ${event.state}`]
    return event.type === 'trouble' ? [`${event.operation} ${event.kind ?? 'ok'}`] : []
  })
}

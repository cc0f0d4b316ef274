// A process that runs the suite once (its client keeps what it found in its modules) and tells what came of it.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getResults, runTests } from 'http-cache-tests/client/runner.mjs'
import fetch from 'node-fetch'
import type { Configuration } from './configuration.ts'
import { createExpressApp } from './express-app.ts'
import { honours } from './honour.ts'
import { createKoaApp } from './koa-app.ts'
import { createOrigin } from './origin.ts'
import { groupsOf } from './suite.ts'

/** What the process is told. */
export interface Task {
  /** Undefined = the client asks the origin itself. */
  readonly configuration: Configuration | undefined
  /** These tests alone; undefined = all. */
  readonly ids: readonly string[] | undefined
  /** Print all that is sent. */
  readonly verbose: boolean
}

/** Tests under way at the same time: most of their time they wait for an answer to become stale. */
const AT_ONCE = 175

/** An answer that never comes fails its test, and not the whole run. */
const PATIENCE_MS = 30_000

const patientFetch = (url: string, init?: object) => fetch(url, { ...init, timeout: PATIENCE_MS })

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function createApp(origin: number, { framework, relay, cache }: Configuration): Server {
  const create = framework === 'express' ? createExpressApp : createKoaApp
  return create(origin, relay, cache === undefined ? undefined : honours[cache])
}

process.once('message', async ({ configuration, ids, verbose }: Task) => {
  const origin = await listen(createOrigin())
  const port = configuration === undefined ? origin : await listen(createApp(origin, configuration))
  await runTests(groupsOf(ids, verbose), patientFetch, false, `http://127.0.0.1:${port}`, AT_ONCE)
  process.send!(getResults(), () => process.exit())
})

// The suite's origin on loopback: it answers as each test's script says.
import { createServer, type Server } from 'node:http'
import handleConfig from 'http-cache-tests/server/handle-config.mjs'
import handleState from 'http-cache-tests/server/handle-state.mjs'
import handleTest from 'http-cache-tests/server/handle-test.mjs'

const handlers = new Map([
  ['config', handleConfig],
  ['state', handleState],
  ['test', handleTest],
])

/** The suite's own server listens on every interface and writes files: only its handlers are taken. */
export function createOrigin(): Server {
  return createServer((req, res) => {
    const [, name = '', ...segments] = new URL(req.url ?? '/', 'http://origin').pathname.split('/')
    const handle = handlers.get(name)
    if (handle === undefined) res.writeHead(404).end()
    else handle(segments, req, res)
  })
}

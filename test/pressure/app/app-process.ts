// One process under pressure, on Express or Koa, started by `member.ts`.
import type { AddressInfo } from 'node:net'
import { collected } from '../../support/heap.ts'
import { expressApp } from './express-app.ts'
import { Handlers } from './handlers.ts'
import { koaApp } from './koa-app.ts'
import type { AppCommand, AppMessage, AppSettings, Inspection } from './settings.ts'

const settings = JSON.parse(process.argv[2]!) as AppSettings
const say = (message: AppMessage) => void (process.connected && process.send!(message))

const unhandled: string[] = []
process.on('unhandledRejection', (reason) => void unhandled.push(String(reason)))

const handlers = new Handlers(settings, say)
const build = settings.framework === 'Koa' ? koaApp : expressApp
const { server, flights, close } = build(settings, handlers)
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', 4_096, () => say({ type: 'listening', port: (server.address() as AddressInfo).port }))

const commands: Readonly<Record<AppCommand, () => void>> = {
  inspect: () => say({ type: 'inspected', inspection: inspect() }),
  stop: () => void stop(),
}
process.on('message', (command: AppCommand) => commands[command]())
// Whatever happens to the one that started us, nothing of us stays behind.
process.once('disconnect', () => setTimeout(() => process.exit(3), 3_000).unref())

function inspect(): Inspection {
  const { heapUsed, rss } = collected()
  const { runs, requests } = handlers
  return { heap: heapUsed, resident: rss, flights: flights(), runs, requests, unhandled }
}

async function stop(): Promise<void> {
  server.closeAllConnections()
  server.close()
  await close()
  process.disconnect()
}

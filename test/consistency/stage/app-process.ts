// One process of the fleet: routes before the common registers, on Express or Koa, started by `member.ts`.
import type { AddressInfo } from 'node:net'
import { weaknessOf } from '../mutants/all.ts'
import type { AppMessage, AppSettings } from './app-settings.ts'
import { expressApp } from './express-app.ts'
import { Handlers } from './handlers.ts'
import { koaApp } from './koa-app.ts'

const settings = JSON.parse(process.argv[2]!) as AppSettings
const say = (message: AppMessage) => void (process.connected && process.send!(message))

const handlers = new Handlers(settings, say)
const build = settings.framework === 'Koa' ? koaApp : expressApp
const { server, close } = build(settings, handlers, weaknessOf(settings.mutant))
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => say({ type: 'listening', port: (server.address() as AddressInfo).port }))

process.once('message', () => void stop())
// Whatever happens to the one that started us, nothing of us stays behind.
process.once('disconnect', () => setTimeout(() => process.exit(3), 3_000).unref())

async function stop(): Promise<void> {
  server.closeAllConnections()
  server.close()
  await close()
  process.disconnect()
}

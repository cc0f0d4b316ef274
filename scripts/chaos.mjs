// Breaks Redis in every way before applications under load: node scripts/chaos.mjs [--help]
import { fileURLToPath } from 'node:url'
import { ensureRedisServer } from './redis.mjs'
import { run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

const main = fileURLToPath(new URL('../test/pressure/chaos/main.ts', import.meta.url))

ensureDependencies()
ensureRedisServer()
process.exitCode = await run('node', ['--import', 'tsx/esm', main, ...process.argv.slice(2)])

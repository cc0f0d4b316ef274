// Hours of ordinary life in minutes, each answer checked: node scripts/soak.mjs [--help]
import { fileURLToPath } from 'node:url'
import { ensureRedisServer } from './redis.mjs'
import { run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

const main = fileURLToPath(new URL('../test/pressure/soak/main.ts', import.meta.url))

ensureDependencies()
ensureRedisServer()
process.exitCode = await run('node', ['--import', 'tsx/esm', main, ...process.argv.slice(2)])

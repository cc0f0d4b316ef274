// Proves the consistency contract on simulated time, network and Redis: node scripts/simulation.mjs [--help]
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

const main = fileURLToPath(new URL('../test/simulation/main.ts', import.meta.url))

ensureDependencies()
process.exitCode = await run('node', ['--import', 'tsx/esm', main, ...process.argv.slice(2)])

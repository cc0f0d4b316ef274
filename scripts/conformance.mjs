// Runs the public suite of HTTP caching tests against the cache: node scripts/conformance.mjs [--help]
import { fileURLToPath } from 'node:url'
import { run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

const main = fileURLToPath(new URL('../test/conformance/main.ts', import.meta.url))

ensureDependencies()
process.exitCode = await run('node', ['--import', 'tsx/esm', main, ...process.argv.slice(2)])

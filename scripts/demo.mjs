// Runs the demo of one framework: node scripts/demo.mjs express|koa [--once]
import { run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

const [framework, ...args] = process.argv.slice(2)

ensureDependencies()
process.exitCode = await run('node', ['--import', 'tsx', `examples/${framework}/demo.ts`, ...args])

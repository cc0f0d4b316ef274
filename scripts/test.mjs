// Runs the tests: sets up what they need, then hands its arguments to mocha.
import { ensureRedisServer } from './redis.mjs'
import { run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

const LIMIT = 14 * 60 * 1000

ensureDependencies()
ensureRedisServer()
process.exitCode = await run('mocha', process.argv.slice(2), { limit: LIMIT })

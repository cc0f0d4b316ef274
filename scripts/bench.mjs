// Runs one benchmark of bench/: node scripts/bench.mjs NAME [arguments]
import { existsSync, readdirSync } from 'node:fs'
import { join, parse } from 'node:path'
import { root, run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

const [name = '', ...args] = process.argv.slice(2)
const file = join('bench', `${name}.ts`)

if (existsSync(join(root, file))) {
  ensureDependencies()
  process.exitCode = await run('node', ['--import', 'tsx', file, ...args], { env: { NODE_ENV: 'production' } })
} else {
  const names = readdirSync(join(root, 'bench')).filter((entry) => entry.endsWith('.ts'))
  console.error(`Name a benchmark: npm run bench -- NAME, one of ${names.map((entry) => parse(entry).name).join(', ')}`)
  process.exitCode = 1
}

// Runs every check of the package one after another and reports each.
import { run } from './run.mjs'
import { ensureDependencies } from './setup.mjs'

/** @type {readonly [name: string, command: string, ...args: string[]][]} */
const CHECKS = [
  ['types', 'tsc'],
  ['lint and format', 'biome', 'ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`],
  ['build', 'node', 'scripts/build.mjs'],
  ['import directions', 'mocha', 'test/imports.test.ts'],
  ['publint', 'publint', '--strict'],
  ['types as resolved (attw)', 'attw', '--pack', '.', '--profile', 'esm-only'],
  ['unused code (knip)', 'knip'],
  ['packed, in an ESM project', 'node', 'scripts/try-package.mjs', 'esm'],
  ['packed, in a CommonJS project', 'node', 'scripts/try-package.mjs', 'commonjs'],
  ['packed, in a TypeScript project', 'node', 'scripts/try-package.mjs', 'types'],
]

ensureDependencies()

const results = []
for (const [name, command, ...args] of CHECKS) {
  console.log(`\n--- ${name}`)
  results.push({ name, passed: (await run(command, args)) === 0 })
}

console.log('\n--- summary')
for (const { name, passed } of results) console.log(`${passed ? 'passed' : 'FAILED'}  ${name}`)
const failed = results.filter(({ passed }) => !passed).length
console.log(`${results.length - failed} checks passed`)
if (failed > 0) console.log(`${failed} checks failed`)
process.exitCode = failed === 0 ? 0 : 1

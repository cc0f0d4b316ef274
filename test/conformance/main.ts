// Runs the public suite of HTTP caching tests; fails where a test does not pass that we hold ourselves to.
import { writeFile } from 'node:fs/promises'
import { titleOf } from './configuration.ts'
import { mustPass } from './held.ts'
import { judge } from './judge.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { failures, notPassed, type Run, scores } from './report.ts'
import { runSuite } from './run-suite.ts'
import { tests } from './suite.ts'

async function main(options: Options): Promise<boolean> {
  const { configurations, cache, json, id } = options
  const asked = cache === undefined ? [undefined, ...configurations] : configurations
  const runs = await Promise.all(
    asked.map(async (configuration): Promise<Run> => {
      const results = await runSuite({ configuration, id })
      const title = configuration === undefined ? 'no proxy' : titleOf(configuration)
      return {
        title,
        verdicts: id === undefined ? judge(tests, results) : judge([{ id, kind: 'check', needs: [] }], results),
      }
    }),
  )
  if (json !== undefined) await writeFile(json, `${JSON.stringify(asJson(options, runs), undefined, 2)}\n`)
  if (id !== undefined) return one(id, runs)
  const held = cache === undefined ? [] : mustPass(cache)
  console.log(`${notPassed(runs, held)}\n\n${scores(runs)}\n`)
  return cache === undefined ? comparesEqual(runs) : passes(runs, held)
}

function one(id: string, runs: readonly Run[]): boolean {
  for (const { title, verdicts } of runs) console.log(`${title}: ${verdicts.get(id) ?? 'passed'}`)
  return runs.every(({ verdicts }) => verdicts.get(id) === undefined)
}

function passes(runs: readonly Run[], held: readonly string[]): boolean {
  const failed = failures(runs, held)
  const all = held.length * runs.length
  console.log(failed === 0 ? `all ${all} tests that must pass did` : `${failed} of ${all} tests that must pass did not`)
  return failed === 0
}

/** An application that only relays must change nothing: else the score would be its own. */
function comparesEqual([direct, ...relayed]: readonly Run[]): boolean {
  const differs = tests.filter(({ id }) =>
    relayed.some(({ verdicts }) => (verdicts.get(id) === undefined) !== (direct!.verdicts.get(id) === undefined)),
  )
  for (const { id } of differs) console.log(`${id} differs from no proxy`)
  if (differs.length === 0) console.log('the score is that of no proxy')
  return differs.length === 0
}

function asJson({ cache }: Options, runs: readonly Run[]): object {
  return {
    suite: 'http-cache-tests 0.4.5',
    options: cache ?? 'control',
    runs: runs.map(({ title, verdicts }) => ({
      configuration: title,
      results: Object.fromEntries([...verdicts].map(([id, reason]) => [id, reason ?? true])),
    })),
  }
}

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(USAGE)
else process.exitCode = (await main(readOptions(args))) ? 0 : 1

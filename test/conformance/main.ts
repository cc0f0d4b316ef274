// Runs the public suite of HTTP caching tests; fails where a test does not pass that we hold ourselves to.
import { writeFile } from 'node:fs/promises'
import { type Configuration, titleOf } from './configuration.ts'
import { mustPass } from './held.ts'
import { judge } from './judge.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { failures, notPassed, type Run, scores } from './report.ts'
import { runSuite } from './run-suite.ts'
import { tests } from './suite.ts'

async function main(options: Options): Promise<boolean> {
  const { configurations, cache, json, id } = options
  if (id !== undefined) return runOne(id, configurations)
  const held = cache === undefined ? [] : mustPass(cache)
  const asked = cache === undefined ? [undefined, ...configurations] : configurations
  const runs = await Promise.all(asked.map((configuration) => runAll(configuration, held)))
  if (json !== undefined) await writeFile(json, `${JSON.stringify(asJson(options, runs), undefined, 2)}\n`)
  console.log(`${notPassed(runs, held)}\n\n${scores(runs)}\n`)
  return cache === undefined ? comparesEqual(runs) : passes(runs, held)
}

/** Every test is about a second or two of life: on a starved machine one may fail by that alone, so those that must pass have a second try. */
async function runAll(configuration: Configuration | undefined, held: readonly string[]): Promise<Run> {
  const title = configuration === undefined ? 'no proxy' : titleOf(configuration)
  const results = await runSuite({ configuration, ids: undefined, verbose: false })
  const failed = held.filter((id) => results[id] !== true)
  if (failed.length === 0) return { title, verdicts: judge(tests, results) }
  const again = await runSuite({ configuration, ids: failed, verbose: false })
  const saved = failed.filter((id) => again[id] === true)
  if (saved.length > 0) console.log(`${title}: passed at the second try only: ${saved.join(', ')}`)
  return { title, verdicts: judge(tests, { ...results, ...again }) }
}

async function runOne(id: string, configurations: readonly Configuration[]): Promise<boolean> {
  let passed = true
  for (const configuration of configurations) {
    const title = configuration.cache === undefined ? `${titleOf(configuration)}, no cache` : titleOf(configuration)
    console.log(`=== ${title}`)
    const results = await runSuite({ configuration, ids: [id], verbose: true })
    const reason = judge([{ id, kind: 'check', needs: [] }], results).get(id)
    passed &&= reason === undefined
    console.log(`=== ${title}: ${reason ?? 'passed'}\n`)
  }
  return passed
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

/** What the demo says before and after the tour. */
import { createRequire } from 'node:module'
import { paint } from './paint.ts'
import type { Journey, Seen } from './tour.ts'

const require = createRequire(import.meta.url)

/** Prints which versions are at work. */
export function printHeadline(framework: string): void {
  const { version } = require('../../package.json')
  const name = framework.charAt(0).toUpperCase() + framework.slice(1)
  const running = `on ${name} ${require(`${framework}/package.json`).version}, Node ${process.versions.node}`
  console.log(`\n  ${paint('bold', `tiercache ${version}`)} ${running}\n`)
}

/** Prints one line about a part of the set-up. */
export function printPart(name: string, title: string): void {
  console.log(`  ${paint('dim', name.padEnd(9))} ${title}`)
}

/** Explains the table that follows. */
export function printLegend(): void {
  console.log(`
  Every line is real HTTP. Outcome and tier are read from the Cache-Status header and compared with
  the cache's own events; ✓ says that outcome, tier, handler runs and body are as they must be.

  hit        a tier had the answer: L1 or L2      miss    no tier had it: the handler ran, the tiers keep it
  collapsed  waited for the run of another        bypass  the cache was left out
  bump       a write invalidated what it changed
`)
}

/** Prints how the tour ended. */
export function printResult(taken: readonly Seen[]): void {
  const reads = taken.filter(({ step }) => step.method === 'GET')
  const requests = sum(reads.map(({ step }) => step.times ?? 1))
  const problems = sum(taken.map(({ problems }) => problems.length))
  const cost = `${requests} reads took ${sum(reads.map(({ runs }) => runs))} handler runs`
  console.log(`
  ${problems === 0 ? paint('green', '✓ Everything was as expected.') : paint('red', `✗ ${problems} things were not as expected.`)}
  ${cost}. A miss took ${median(taken, 'miss')} ms, a hit ${median(taken, 'hit')} ms (medians).
`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function median(taken: readonly Seen[], outcome: string): string {
  const times = taken.filter((seen) => seen.outcome === outcome).map(({ ms }) => ms)
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)]?.toFixed(1) ?? '-'
}

/** Prints what to try by hand. */
export function printInvitation({ first, second }: Journey['ports']): void {
  const base = `http://127.0.0.1:${first}`
  console.log(`  Serving on ${paint('bold', base)} until Ctrl+C. Try, and watch Cache-Status and Age:

    curl -i '${base}/countries?region=Europe&sort=area&limit=5'
    curl -i '${base}/countries?limit=5&region=Europe&sort=area'
    curl -i '${base}/countries?region=Europe&sort=area&limit=5&is_not_cache=1'
    curl -i '${base}/countries/DEU'
    curl -i -X PUT -H 'Content-Type: application/json' -d '{"capital":"Bonn"}' '${base}/countries/DEU'
    curl -i '${base}/countries/DEU'
    curl -i -X POST -H 'Content-Type: application/json' -d '{"text":"Lovely rivers"}' '${base}/countries/DEU/notes'
    curl -i '${base}/regions/stats'
`)
  if (second === undefined) return
  console.log(`  The second server, asked by the name of the first as a load balancer would:

    curl -i -H 'Host: 127.0.0.1:${first}' 'http://127.0.0.1:${second}/countries/DEU'
`)
}

// Which tests count as passed: their own result, and that of those they build on.
import type { Results, Test } from './suite.ts'

/** Undefined where a test passed, else why not. */
export type Verdicts = ReadonlyMap<string, string | undefined>

/** Judges every test; one without a result was not run. */
export function judge(tests: readonly Test[], results: Results): Verdicts {
  const byId = new Map(tests.map((test) => [test.id, test]))
  const verdicts = new Map<string, string | undefined>()
  const verdictOf = (test: Test): string | undefined => {
    if (!verdicts.has(test.id)) verdicts.set(test.id, ownVerdict(results[test.id]) ?? brokenGround(test))
    return verdicts.get(test.id)
  }
  const brokenGround = ({ needs }: Test): string | undefined => {
    const broken = needs.find((id) => {
      const needed = byId.get(id)
      return needed === undefined || verdictOf(needed) !== undefined
    })
    return broken === undefined ? undefined : `needs ${broken}`
  }
  for (const test of tests) verdictOf(test)
  return verdicts
}

function ownVerdict(result: Results[string] | undefined): string | undefined {
  if (result === true) return undefined
  if (result === undefined) return 'was not run'
  const [name, message] = result
  return name === 'Assertion' ? message : `${name}: ${message}`
}

// The command line.
import { parseArgs } from 'node:util'
import {
  type Configuration,
  type Framework,
  frameworks,
  type OptionSet,
  optionSets,
  type Relay,
  relays,
} from './configuration.ts'
import { tests } from './suite.ts'

/** What is to be run. */
export interface Options {
  readonly configurations: readonly Configuration[]
  /** Options of the header mode; undefined = no cache, to compare with no proxy at all. */
  readonly cache: OptionSet | undefined
  /** A file that the results are written to. */
  readonly json: string | undefined
  /** One test alone, with all that is sent. */
  readonly id: string | undefined
}

export const USAGE = `npm run conformance -- [options]

  --options safe|all       safe: honour: 'headers'; all: with heuristic, targeted, setCookie, staleOnError (default safe)
  --framework express|koa  on this framework only
  --relay piped|buffered   with a handler that answers this way only
  --control                no cache: the score must be that of no proxy at all
  --json FILE              writes every result to the file
  --id TESTID              this test alone, with all that is sent`

/** @throws Error with what is wrong, in one sentence */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      options: { type: 'string' },
      framework: { type: 'string' },
      relay: { type: 'string' },
      control: { type: 'boolean', default: false },
      json: { type: 'string' },
      id: { type: 'string' },
    },
  })
  if (values.control && values.options !== undefined)
    throw new Error('--control has no cache that --options could be for')
  if (values.id !== undefined && tests.every(({ id }) => id !== values.id))
    throw new Error(`There is no test ${values.id}`)
  const [cache] = values.control ? [undefined] : oneOf(optionSets, values.options ?? 'safe', 'options')
  const onFrameworks: readonly Framework[] = oneOf(frameworks, values.framework, 'framework')
  const withRelays: readonly Relay[] = oneOf(relays, values.relay, 'relay')
  const configurations = onFrameworks.flatMap((framework) => withRelays.map((relay) => ({ framework, relay, cache })))
  return { configurations, cache, json: values.json, id: values.id }
}

/** The one that was given, or all of them. */
function oneOf<T extends string>(known: readonly T[], given: string | undefined, name: string): readonly T[] {
  if (given === undefined) return known
  const found = known.filter((one) => one === given)
  if (found.length === 0) throw new Error(`--${name} must be ${known.join(' or ')}, not ${given}`)
  return found
}

// The public suite: what it asks of a cache that stands between client and origin, and what came of it.
import groups from 'http-cache-tests/tests/index.mjs'
import surrogate from 'http-cache-tests/tests/surrogate-control.mjs'

/** What a test is: a demand of the specification, something good to have, or a question without a wrong answer. */
export type Kind = 'required' | 'optimal' | 'check'

export const kinds: readonly Kind[] = ['required', 'optimal', 'check']

/** A test as the suite writes it. */
interface Written {
  readonly id: string
  readonly name: string
  readonly kind?: Kind
  readonly depends_on?: readonly string[]
  readonly browser_only?: boolean
  dump?: boolean
}

/** Tests of one subject. */
export interface Group {
  readonly tests: readonly Written[]
}

/** One test that a cache of ours can meet. */
export interface Test {
  readonly id: string
  readonly kind: Kind
  /** Ids of those that must pass, or this one says nothing. */
  readonly needs: readonly string[]
}

/** What the suite's client says of each test: passed, or what kind of trouble and which. */
export type Results = Readonly<Record<string, true | readonly [name: string, message: string]>>

const all: readonly Group[] = [...groups, surrogate]

/** Every test that is not for browsers alone. */
export const tests: readonly Test[] = all
  .flatMap((group) => group.tests)
  .filter((test) => test.browser_only !== true)
  .map(({ id, kind = 'required', depends_on: needs = [] }) => ({ id, kind, needs }))

/** The suite's tests, or those with these ids alone; `verbose` ones print what is sent. */
export function groupsOf(ids: readonly string[] | undefined, verbose: boolean): readonly Group[] {
  const wanted = all.flatMap((group) => group.tests).filter(({ id }) => ids?.includes(id) ?? true)
  if (verbose) for (const test of wanted) test.dump = true
  return [{ tests: wanted }]
}

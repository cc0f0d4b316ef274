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

/** The suite's groups, or the one test with this id, which then prints what is sent. */
export function groupsOf(id: string | undefined): readonly Group[] {
  if (id === undefined) return all
  const test = all.flatMap((group) => group.tests).find((one) => one.id === id)
  if (test === undefined) throw new Error(`There is no test ${id}`)
  return [{ tests: [Object.assign(test, { dump: true })] }]
}

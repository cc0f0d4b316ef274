/** What a guard decides, whatever the framework: whether a request may pass, and which ids a write has added. */
import { expected } from '../../errors.ts'
import { andThen, attempt, type MaybePromise } from '../../maybe.ts'
import { checkedFilter } from './filter.ts'
import { type FilterId, idText } from './ids.ts'

/** Names the id that a request asks for; undefined where it asks for none. */
export type IdOf<Subject extends readonly unknown[]> = (...subject: Subject) => MaybePromise<FilterId | undefined>

/** Names what a write has added. */
export type IdsOf<Subject extends readonly unknown[]> = (
  ...subject: Subject
) => MaybePromise<FilterId | readonly FilterId[] | undefined>

/**
 * Whether the request of a subject may pass: all but those for what cannot exist. Never rejects.
 *
 * @throws CacheConfigError without a filter or a function, when it is made
 */
export function passes<Subject extends readonly unknown[]>(
  filter: unknown,
  idOf: IdOf<Subject>,
): (...subject: Subject) => MaybePromise<boolean> {
  const checked = checkedFilter(filter, 'guard')
  requireFunction(idOf, 'guard(filter, idOf)')
  checked.guarded()
  const failed = (error: unknown) => checked.functionFailed(error)
  return (...subject) =>
    andThen(
      attempt(() => andThen(idOf(...subject), (id) => texts(id)[0]), failed),
      (id) => (id === undefined ? true : checked.has(id)),
    )
}

/**
 * What to do once the write of a subject has succeeded. Never rejects, and takes no longer than the filter's budget.
 *
 * @throws CacheConfigError without a filter or a function, when it is made
 */
export function admits<Subject extends readonly unknown[]>(
  filter: unknown,
  idsOf: IdsOf<Subject>,
): (...subject: Subject) => MaybePromise<void> {
  const checked = checkedFilter(filter, 'guard.add')
  requireFunction(idsOf, 'guard.add(filter, idsOf)')
  checked.guarded()
  const failed = (error: unknown) => checked.functionFailed(error)
  return (...subject) =>
    andThen(
      attempt(() => andThen(idsOf(...subject), texts), failed),
      (ids) => (ids === undefined || ids.length === 0 ? undefined : checked.admit(ids)),
    )
}

/** @throws TypeError for what is no id */
function texts(ids: FilterId | readonly FilterId[] | null | undefined): readonly string[] {
  if (ids === undefined || ids === null) return []
  return typeof ids === 'object' && Array.isArray(ids) ? ids.map(idText) : [idText(ids as FilterId)]
}

function requireFunction(value: unknown, option: string): void {
  if (typeof value !== 'function') throw expected('invalid-option', option, 'given a function', value)
}

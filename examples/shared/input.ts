/** What clients may send: query and body become checked values or an `InputError`. */
const SORTS = ['name', 'area', 'overland'] as const

export interface ListFilter {
  region: string | undefined
  sort: (typeof SORTS)[number]
  limit: number
}

/** A mistake of the client; Express and Koa both read `status`. */
export class InputError extends Error {
  readonly status = 400
}

/** Reads `region`, `sort` and `limit` of `GET /countries`. */
export function readFilter(query: Record<string, unknown>): ListFilter {
  const { region, sort = 'name', limit = '20' } = query
  const known = SORTS.find((name) => name === sort)
  const count = Number(limit)
  if (region !== undefined && typeof region !== 'string') throw new InputError('`region` may be given once')
  if (known === undefined) throw new InputError(`\`sort\` is one of ${SORTS.join(', ')}`)
  if (!Number.isInteger(count) || count < 1 || count > 300) throw new InputError('`limit` is a number from 1 to 300')
  return { region, sort: known, limit: count }
}

/** Reads a short text of a JSON body, such as `{ "capital": "Bonn" }`. */
export function readText(body: unknown, name: string): string {
  const text = (body as Record<string, unknown> | null | undefined)?.[name]
  if (typeof text === 'string' && text.trim() !== '' && text.length <= 200) return text
  throw new InputError(`Send JSON with \`${name}\`: a text of 1 to 200 characters`)
}

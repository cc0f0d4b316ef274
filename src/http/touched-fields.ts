/** Notes which header fields a run sets or removes: those are its answer's, all others belong to whoever set them before. */
import type { ServerResponse } from 'node:http'

type FieldValue = number | string | string[]

/** The fields that a run has touched so far. */
export interface TouchedFields {
  /** In lower case. */
  readonly names: ReadonlySet<string>
  /** Puts back what stood there before the run. */
  undo(): void
}

/** Starts to note the fields that are set, appended to or removed on `res`. */
export function touchedFields(res: ServerResponse): TouchedFields {
  const names = new Set<string>()
  const before = new Map<string, FieldValue>()
  for (const method of ['setHeader', 'appendHeader', 'removeHeader'] as const) {
    const below = res[method] as ((...args: unknown[]) => unknown) | undefined
    // The HTTP/2 compatibility response has no `appendHeader` on every Node.
    if (below === undefined) continue
    Object.defineProperty(res, method, {
      configurable: true,
      writable: true,
      value(...args: unknown[]) {
        const name = String(args[0])
        const former = names.has(name.toLowerCase()) ? undefined : res.getHeader(name)
        const result = Reflect.apply(below, res, args)
        names.add(name.toLowerCase())
        // A copy: Node appends to the list itself.
        if (former !== undefined) before.set(name, Array.isArray(former) ? [...former] : former)
        return result
      },
    })
  }
  const undo = () => {
    for (const name of [...names]) res.removeHeader(name)
    for (const [name, value] of before) res.setHeader(name, value)
  }
  return { names, undo }
}

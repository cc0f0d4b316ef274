/** Notes which header fields a run sets or removes: those are its answer's, all others belong to whoever set them before. */
import type { ServerResponse } from 'node:http'

/** Starts to note the lower-case names of fields that are set, appended to or removed on `res`. */
export function touchedFields(res: ServerResponse): ReadonlySet<string> {
  const touched = new Set<string>()
  for (const method of ['setHeader', 'appendHeader', 'removeHeader'] as const) {
    const below = res[method] as ((...args: unknown[]) => unknown) | undefined
    // The HTTP/2 compatibility response has no `appendHeader` on every Node.
    if (below === undefined) continue
    Object.defineProperty(res, method, {
      configurable: true,
      writable: true,
      value(...args: unknown[]) {
        const result = Reflect.apply(below, res, args)
        touched.add(String(args[0]).toLowerCase())
        return result
      },
    })
  }
  return touched
}

// Which ids are asked for.

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

/** A few that everybody asks for: memory holds them. */
export const HOT: readonly string[] = ids('hot-', 20)
/** Many: memory holds some of them, Redis the rest. */
export const POOL: readonly string[] = ids('pool-', 1_500)

/** The tag that a country's answers carry and its writes bump. */

/** Both `kaz` and `KAZ` name the same country, so they share one tag. */
export function countryTag(code: unknown): string {
  return `country:${String(code).toUpperCase()}`
}

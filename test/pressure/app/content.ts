// What handlers answer: bytes that tell which URL they belong to, and which version of its data.

/** So many times the URL stands in a body: one that is cut or mixed cannot look whole. */
const REPEATED = 20

/** The body of a URL's answer. */
export function bodyOf(url: string, version: number): string {
  return `${version}\n${`${url}\n`.repeat(REPEATED)}`
}

/** The version that a body tells; undefined where it is not, byte for byte, the answer to this URL. */
export function versionIn(body: string, url: string): number | undefined {
  const version = Number(body.slice(0, body.indexOf('\n')))
  return Number.isInteger(version) && body === bodyOf(url, version) ? version : undefined
}

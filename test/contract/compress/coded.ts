// Answers in a coding, and what they are decoded.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { type Answer, get } from '../../support/http-client.ts'

/** A body that is worth coding. */
export const PAGE = JSON.stringify(
  Array.from({ length: 200 }, (_, id) => ({ id, name: `Product ${id}`, stock: id % 7 })),
)

/** Fields of an answer with this body. */
export const JSON_FIELDS = { 'Content-Type': 'application/json; charset=utf-8', ETag: '"v1"' }

/** What any browser sends. */
export const BROWSER = 'gzip, deflate, br'

/** The body as its `Content-Encoding` says. */
export function decoded({ headers, body }: Answer): string {
  const coding = headers['content-encoding']
  if (coding === undefined) return body.toString()
  expect(coding).to.be.oneOf(['br', 'gzip'])
  return (coding === 'br' ? brotliDecompressSync(body) : gunzipSync(body)).toString()
}

/** Asks until the answer comes in `coding`, as it does once the body has been coded. */
export function untilCoded(
  port: number,
  path: string,
  coding: 'br' | 'gzip',
  accept = coding as string,
): Promise<Answer> {
  return eventually(async () => {
    const answer = await get(port, path, { 'Accept-Encoding': accept })
    expect(answer.headers['content-encoding']).to.equal(coding)
    return answer
  })
}

/** The names in `Vary`, sorted. */
export function varyOf({ headers }: Pick<Answer, 'headers'>): string[] {
  return (headers.vary ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
    .filter(Boolean)
    .sort()
}

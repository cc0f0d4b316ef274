/** The content codings that this cache makes (RFC 9110 §8.4.1), and how each is made. */
import zlib from 'node:zlib'

/** Names as they stand in `Content-Encoding`. */
export type Coding = 'br' | 'zstd' | 'gzip'

/** What is known of a body's coded forms; `useless` = not smaller, so never to be tried again. */
export type CodedBodies = Readonly<Partial<Record<Coding, Buffer | 'useless'>>>

type Done = (error: Error | null, coded: Buffer) => void
type Encode = (bytes: Buffer, done: Done) => void

/** A body is coded once and sent many times, but to code it must not keep a core from the handlers: the higher levels cost ten times as much for a tenth. */
const BROTLI_QUALITY = 6

// Not in every Node that this package runs on.
const { zstdCompress } = zlib as { zstdCompress?: Encode }

const encoders: Readonly<Record<Coding, Encode | undefined>> = Object.freeze({
  br: (bytes, done) => {
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
    const params = { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length }
    zlib.brotliCompress(bytes, { params }, done)
  },
  zstd: zstdCompress && ((bytes, done) => zstdCompress(bytes, done)),
  gzip: (bytes, done) => zlib.gzip(bytes, done),
} satisfies Record<Coding, Encode | undefined>)

/** The codings that this Node can make, the ones that make the smallest bodies first. */
export const makeableCodings: readonly Coding[] = Object.freeze(
  (Object.keys(encoders) as Coding[]).filter((coding) => encoders[coding] !== undefined),
)

/** Codes a body in Node's thread pool. `done` is called once, without bytes where they could not be made. */
export function encodeBody(coding: Coding, bytes: Buffer, done: (coded: Buffer | undefined) => void): void {
  const encode = encoders[coding]
  try {
    if (encode === undefined) done(undefined)
    else encode(bytes, (error, coded) => done(error === null ? coded : undefined))
  } catch {
    // What zlib will not even begin with.
    done(undefined)
  }
}

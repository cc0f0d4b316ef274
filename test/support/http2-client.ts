// HTTP/2 requests as tests need them: over one session or several, read slowly or reset.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'

/** An answer as its stream brought it. */
export interface Http2Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** Why the stream ended; 0 = in order. */
  readonly code: number
}

/** A request whose answer nobody reads yet. */
export interface Http2Request {
  /** Resolves to the head of the answer. */
  readonly head: Promise<IncomingHttpHeaders>
  /** Resolves to the whole answer, or to what came of it. */
  read(): Promise<Http2Answer>
  /** RST_STREAM with CANCEL: the session and its other streams live on. */
  reset(): Promise<void>
}

/** A session with one server. */
export class Http2Client {
  readonly session: ClientHttp2Session

  constructor(origin: string, options: ClientSessionOptions | SecureClientSessionOptions = {}) {
    this.session = connect(origin, options)
    this.session.on('error', () => {}) // each stream tells
  }

  /** Sends a request without a body. Pseudo-headers may be among `headers`. */
  open(path: string, headers: OutgoingHttpHeaders = {}): Http2Request {
    const stream = this.session.request({ ':path': path, ...headers })
    stream.on('error', () => {}) // what a reset is on this side
    const head = new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve))
    return { head, read: () => readAll(stream, head), reset: () => reset(stream) }
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Http2Answer> {
    return this.open(path, headers).read()
  }

  /** Ends the session at once. */
  close(): void {
    this.session.destroy()
  }
}

async function readAll(stream: ClientHttp2Stream, head: Promise<IncomingHttpHeaders>): Promise<Http2Answer> {
  const chunks: Buffer[] = []
  const closed = new Promise<IncomingHttpHeaders>((resolve) => stream.once('close', () => resolve({})))
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await closed
  const headers = await Promise.race([head, closed])
  const body = Buffer.concat(chunks)
  return { status: Number(headers[':status'] ?? 0), headers, body, text: body.toString(), code: stream.rstCode ?? 0 }
}

function reset(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve)
    stream.close(constants.NGHTTP2_CANCEL)
  })
}

// Sends a request on to the origin, as a gateway does: every field but those of one connection.
import { type IncomingMessage, request, type ServerResponse } from 'node:http'

/** A field and its lines. */
type Field = readonly [name: string, lines: string[]]

/** Fields of one connection (RFC 9110 §7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Resolves to the origin's answer, once its head is there; rejects where there is none.
 * What comes before it, 102 and 103, is handed on to `res`.
 */
export function forward(req: IncomingMessage, res: ServerResponse, port: number): Promise<IncomingMessage> {
  const { method = 'GET', url = '/' } = req
  const headers = endToEnd(Object.entries(req.headers), req.headers.connection)
  return new Promise((resolve, reject) => {
    const upstream = request({
      host: '127.0.0.1',
      port,
      method,
      path: url,
      headers: Object.fromEntries(headers),
      agent: false,
    })
    upstream.on('information', ({ statusCode, rawHeaders }) => inform(res, statusCode, rawHeaders))
    upstream.on('response', resolve)
    // A body longer than announced is an error after its answer, which stands: nobody listens any more.
    upstream.on('error', reject)
    res.once('close', () => {
      if (!res.writableFinished) upstream.destroy()
    })
    if (hasBody(req)) req.pipe(upstream)
    else upstream.end()
  })
}

/** The answer's own fields, doubled lines apart, for the client. */
export function relayedFields({ rawHeaders, headers }: IncomingMessage): Field[] {
  return endToEnd(fieldsOf(rawHeaders), headers.connection)
}

function endToEnd<Value>(fields: readonly (readonly [string, Value])[], connection = ''): (readonly [string, Value])[] {
  const named = new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
  return fields.filter(([name]) => !hopByHop.has(name.toLowerCase()) && !named.has(name.toLowerCase()))
}

function fieldsOf(raw: readonly string[]): Field[] {
  const fields = new Map<string, Field>()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, line] = [raw[i]!, raw[i + 1]!]
    const known = fields.get(name.toLowerCase())
    if (known === undefined) fields.set(name.toLowerCase(), [name, [line]])
    else known[1].push(line)
  }
  return [...fields.values()]
}

function inform(res: ServerResponse, status: number, raw: readonly string[]): void {
  if (status === 102) res.writeProcessing()
  if (status === 103) res.writeEarlyHints(Object.fromEntries(fieldsOf(raw)))
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

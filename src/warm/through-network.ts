/** Sends requests over the network to a server that runs, and reads from `Cache-Status` (RFC 9211) what became of them. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Send } from './warm.ts'
import type { WarmTarget } from './warm-request.ts'
import type { WarmEnd } from './warm-result.ts'

/**
 * Sends each request as a client would, or, where `server` is another one than its URL names, as a proxy in front of that server would.
 *
 * @param server scheme, host and port that are connected to; undefined = those of each URL
 */
export function throughNetwork(server: URL | undefined): Send {
  const ways: Record<string, Way> = {
    'http:': { request: httpRequest, agent: new HttpAgent({ keepAlive: true }), port: '80' },
    'https:': { request: httpsRequest, agent: new HttpsAgent({ keepAlive: true }), port: '443' },
  }
  return async (target, signal) => {
    const { protocol, hostname, port } = server ?? new URL(`${target.scheme}://${target.headers.get('host')}`)
    const { request, agent, port: usual } = ways[protocol]!
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const headers = fieldsOf(target, protocol)
    const sending = request({ host, port: port || usual, path: target.path, headers, agent, signal })
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sending.once('response', resolve)
      sending.on('error', reject)
      sending.end()
    })
    for await (const _ of answer) {
      // Read to its end: what breaks off is not stored.
    }
    return endOf(answer.statusCode ?? 0, String(answer.headers['cache-status'] ?? ''))
  }
}

/** How a scheme is spoken. */
interface Way {
  readonly request: typeof httpRequest
  readonly agent: HttpAgent
  readonly port: string
}

/** The scheme that a proxy would tell, where the server is reached by another one. */
function fieldsOf({ scheme, headers }: WarmTarget, protocol: string): OutgoingHttpHeaders {
  const fields = Object.fromEntries(
    [...headers].map(([name, values]) => [name, values.length === 1 ? values[0] : [...values]]),
  )
  const isOther = `${scheme}:` !== protocol && !headers.has('x-forwarded-proto')
  return isOther ? { ...fields, 'x-forwarded-proto': scheme } : fields
}

/** What an answer says of itself: by the last of our members, and by the one before where that is of the shared tier. */
export function endOf(status: number, cacheStatus: string): WarmEnd {
  if (status >= 500) return { outcome: 'failed', status, reason: `status-${status}` }
  const members = cacheStatus.split(/\s*,\s*(?=tiercache-)/).filter((member) => member.startsWith('tiercache-'))
  const [own = '', upper = ''] = members.toReversed()
  const isShared = own.startsWith('tiercache-l1; fwd=miss') && upper.startsWith('tiercache-l2; ')
  const isHit = /; (?:hit|collapsed)\b/
  if (isHit.test(own) || (isShared && isHit.test(upper))) return { outcome: 'hit', status, reason: undefined }
  if (/; stored\b/.test(own)) return { outcome: 'stored', status, reason: undefined }
  const [, detail] = /; detail=("(?:[^"\\]|\\.)*"|[^;,\s]+)/.exec(own) ?? []
  return { outcome: 'notStored', status, reason: own === '' ? 'no-cache-status' : detail }
}

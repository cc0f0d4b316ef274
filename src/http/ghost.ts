/** A response that reaches nobody, for a run whose client has been answered by somebody else. */
import { type IncomingMessage, ServerResponse } from 'node:http'
import { Nowhere } from './nowhere.ts'
import { currentFields } from './response-fields.ts'

/** A response and its connection, which ends with it. */
export interface Ghost {
  readonly res: ServerResponse
  readonly socket: Nowhere
}

/** Makes a response that looks as `res` does to who has worked on it so far. Its head must not have left. */
export function ghostOf(res: ServerResponse): Ghost {
  const { req } = res
  const socket = new Nowhere(req.socket)
  const ghost = new ServerResponse(isHttp2(req) ? asHttp1(req) : req)
  socket.seat(ghost)
  // Of what goes wrong on its way to nobody, nobody need hear.
  ghost.on('error', () => undefined)
  ghost.statusCode = res.statusCode
  if (!isHttp2(req)) ghost.statusMessage = res.statusMessage
  ghost.sendDate = res.sendDate
  for (const [name, value] of currentFields(res)) ghost.setHeader(name, value)
  // A head that forms by itself crosses all that lies over the response, as it would without us.
  Object.assign(ghost, { _implicitHeader: () => void res.writeHead(ghost.statusCode) })
  for (let i = 0; i < res.writableCorked; i++) ghost.cork()
  return { res: ghost, socket }
}

function isHttp2({ httpVersionMajor }: IncomingMessage): boolean {
  return httpVersionMajor >= 2
}

/** The request of an answer that has no stream. */
function asHttp1(req: IncomingMessage): IncomingMessage {
  return Object.create(req, {
    httpVersion: { value: '1.1' },
    httpVersionMajor: { value: 1 },
    httpVersionMinor: { value: 1 },
  })
}

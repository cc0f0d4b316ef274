// A page that answers in the language it is asked in, and says so: what tests of variants are made of.
import { type Answer, send } from '../../support/http-client.ts'
import type { Asked, Reply, Running } from '../middleware.ts'

/** What was asked in a header, absence told from emptiness. */
export function said({ headers }: Asked, name = 'accept-language'): string {
  return headers[name] === undefined ? 'nothing' : JSON.stringify(headers[name])
}

/** Answers with what was asked in `Accept-Language`. */
export function speak(asked: Asked): Reply {
  return { headers: { Vary: 'Accept-Language' }, body: `in ${said(asked)}` }
}

/** Asks in a language; undefined = without the header. */
export function askIn(
  { port }: Running,
  language: string | undefined,
  path = '/page',
  method = 'GET',
): Promise<Answer> {
  const headers = { host: 'shop.test', ...(language === undefined ? {} : { 'Accept-Language': language }) }
  return send(port, path, { method, headers })
}

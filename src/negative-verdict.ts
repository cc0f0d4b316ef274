/** Whether a whole answer says that there is nothing: by its status, or by what the route's own predicate makes of it. */
import { describe } from './errors.ts'
import type { StoredResponse } from './http/exchange.ts'
import { isNegativeStatus, type NegativeRules, type WholeAnswer } from './negative-option.ts'

/** Why an answer is not stored where the predicate failed. */
export const NEGATIVE_FAILED = 'negative-failed'

/**
 * Judges one answer.
 *
 * @param rules undefined where the answers' own header fields decide: then the status alone counts
 * @param failed is told why the predicate has no verdict
 */
export function negativeVerdict(
  response: StoredResponse,
  rules: NegativeRules | undefined,
  failed: (error: unknown) => void,
): boolean | typeof NEGATIVE_FAILED {
  if (isNegativeStatus(response.status)) return true
  if (rules?.negativeWhen === undefined) return false
  try {
    return asked(rules.negativeWhen, response)
  } catch (error) {
    failed(error)
    return NEGATIVE_FAILED
  }
}

function asked(when: (answer: WholeAnswer) => unknown, response: StoredResponse): boolean {
  const verdict = when(shown(response))
  if (typeof verdict === 'boolean') return verdict
  // Nobody waits for it: its rejection must not end the process.
  if (verdict instanceof Promise) verdict.catch(() => undefined)
  const got = verdict instanceof Promise ? 'a promise' : describe(verdict)
  throw new TypeError(`Expected \`negativeTtl.when\` to return true or false, got ${got}`)
}

/** What the user's function is shown is not what is stored: it may write to it. */
function shown({ status, statusMessage, headers, body }: StoredResponse): WholeAnswer {
  const text = () => body.toString()
  return {
    status,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    headers: headers.map(([name, value]) => [name, typeof value === 'string' ? value : [...value]] as const),
    get body() {
      return Buffer.from(body)
    },
    text,
    json: () => parsed(text()),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// What a client sees of three answers to one question: without a cache, from a cold one and from a warm one.
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { expect } from 'chai'
import type { Twin } from '../support/compare.ts'
import { ask, type Question, values, type WireAnswer } from '../support/wire.ts'

/** Added or renewed by the cache, or of one connection and its framing. */
const free = ['age', 'date', 'cache-status', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']

/** What may differ besides. */
export interface Allowed {
  /** Lower-case names of fields that are different for each request anyway. */
  readonly fields?: readonly string[]
}

/** The body without its coding; it fails where the bytes are not of that coding, or coded twice. */
export function decoded(answer: WireAnswer): string {
  const [coding = 'identity', ...more] = values(answer, 'content-encoding')
  expect(more).to.deep.equal([])
  if (answer.body.length === 0) return ''
  if (coding === 'gzip') return gunzipSync(answer.body).toString('latin1')
  if (coding === 'br') return brotliDecompressSync(answer.body).toString('latin1')
  if (coding === 'deflate') return inflateSync(answer.body).toString('latin1')
  expect(coding).to.equal('identity')
  return answer.body.toString('latin1')
}

/** Fails unless a client cannot tell the answer from the reference, but for what a cache adds. */
function expectUnchanged(actual: WireAnswer, reference: WireAnswer, { fields = [] }: Allowed = {}): void {
  expect(essence(actual, reference, fields)).to.deep.equal(essence(reference, reference, fields))
  const named = values(actual, 'vary').flatMap((line) => line.toLowerCase().split(/\s*,\s*/))
  expect(named, 'members of Vary').to.deep.equal([...new Set(named)])
}

function essence(answer: WireAnswer, reference: WireAnswer, left: readonly string[]): object {
  const own = values(reference, 'etag').length === 0 ? ['etag'] : []
  const fields = answer.fields
    .map(([name, text]) => `${name.toLowerCase()}: ${text}`)
    .filter((line) => ![...free, ...left, ...own].includes(line.slice(0, line.indexOf(':'))))
  return {
    status: answer.status,
    phrase: answer.phrase,
    fields: fields.sort(),
    body: decoded(answer),
    whole: answer.whole,
  }
}

/**
 * Asks all questions of the bare application and twice of the cached one, and fails unless the answers are the same.
 *
 * @returns how the cached one answered, cold and warm: `miss`, `hit`, `bypass`
 */
export async function expectUnseen(
  twin: Twin,
  questions: readonly Question[],
  allowed?: Allowed,
): Promise<{ cold: string[]; warm: string[]; answers: WireAnswer[] }> {
  const references: WireAnswer[] = []
  for (const question of questions) references.push(await ask(twin.bare, question))
  const answers: WireAnswer[] = []
  const round = async () => {
    const before = twin.events.length
    for (const [i, question] of questions.entries()) {
      const answer = await ask(twin.cached, question)
      answers.push(answer)
      expectUnchanged(answer, references[i]!, allowed)
    }
    return twin.events.slice(before).flatMap((event) => (event.type === 'request' ? [event.outcome] : []))
  }
  return { cold: await round(), warm: await round(), answers }
}

/** The reasons for which runs were not stored. */
export function refusals({ events }: Pick<Twin, 'events'>): (string | undefined)[] {
  return events.flatMap((event) => (event.type === 'run' && !event.stored ? [event.reason] : []))
}

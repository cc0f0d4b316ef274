// The bytes and fields of an answer: a function of the plan, the version and what the keying reads, and of nothing else.
import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { keyings, type Seen, takesGzip } from './keyings.ts'
import type { AnswerPlan, FieldPlan } from './plan.ts'

/** What one request is answered with. */
export interface Answer {
  readonly plan: AnswerPlan
  readonly fields: readonly FieldPlan[]
  /** What `body` says, where the framework may spell it out itself. */
  readonly text: string
  readonly body: Buffer
  readonly fails: boolean
}

/** @param keying undefined for a write, whose answer depends on the version alone */
export function answerOf(plan: AnswerPlan, version: number, seen: Seen, keying: string | undefined): Answer {
  const { vary, coded = false, reads } = keyings[keying ?? ''] ?? { reads: () => 'written' }
  const read = JSON.stringify([seen.path, version, reads(seen)])
  const mark = hash('sha1', read).slice(0, 10)
  const text = plan.filling === undefined ? '' : `${read} grüße 中😀 ${'lorem 0123 '.repeat(plan.filling / 11)}`
  const plain = plan.content === 'text' || plan.filling === undefined ? Buffer.from(text) : binary(text)
  const gzip = coded && takesGzip(seen) && sendsBytes(plan.form)
  const own = plan.fields.map(({ value, ...field }) => ({ ...field, value: filled(value, mark, version) }))
  return {
    plan,
    fields: [
      ...own,
      ...(gzip ? [set('Content-Encoding', 'gzip')] : []),
      ...(vary === undefined ? [] : [set('Vary', vary)]),
    ],
    text,
    body: gzip ? gzipSync(plain) : plain,
    fails: plan.fault !== undefined && (plan.fault.always || version % 2 === 1),
  }
}

/** Whether the form sends `body`, and not what a framework makes of `text`. */
function sendsBytes(form: AnswerPlan['form']): boolean {
  return !['text', 'json', 'nothing', 'status', 'redirect'].includes(form)
}

/** The body in as many pieces as planned, some of them empty where it is short. */
export function piecesOf({ body, plan }: Pick<Answer, 'body' | 'plan'>): Buffer[] {
  const size = Math.ceil(body.length / plan.pieces)
  return Array.from({ length: plan.pieces }, (_, i) => body.subarray(i * size, (i + 1) * size))
}

function filled(value: string | readonly string[], mark: string, version: number): string | readonly string[] {
  if (typeof value !== 'string') return value.map((line) => filled(line, mark, version) as string)
  return value.replace('{k}', mark).replace('{date}', new Date(Date.UTC(2020, 0, 1 + version)).toUTCString())
}

/** All byte values, no valid text. */
function binary(text: string): Buffer {
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i]! * 31 + i * 7) & 255
  return bytes
}

const set = (name: string, value: string): FieldPlan => ({ act: 'set', name, value })

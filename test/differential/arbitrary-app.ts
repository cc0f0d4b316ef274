// Draws random applications.
import fc from 'fast-check'
import { extras, keyings } from './keyings.ts'
import {
  type AnswerPlan,
  type AppPlan,
  type FieldPlan,
  faults,
  frameworkForms,
  type RoutePlan,
  rawForms,
} from './plan.ts'

const set = (name: string, ...values: (string | readonly string[])[]) =>
  fc.constantFrom(...values).map((value): FieldPlan => ({ act: 'set', name, value }))

/** Fields that a handler may set, those that caches look at more often than others. */
const field: fc.Arbitrary<FieldPlan> = fc.oneof(
  { weight: 3, arbitrary: set('ETag', '"{k}"', 'W/"{k}"', '"a,{k}"', '""') },
  { weight: 2, arbitrary: set('Last-Modified', '{date}', 'Mon, 01 Jan 2001 00:00:00 GMT', 'yesterday') },
  {
    weight: 3,
    arbitrary: set(
      'Cache-Control',
      'max-age=60',
      'max-age=60',
      'public, max-age=0, s-maxage=60',
      'must-revalidate, max-age=5',
      'stale-while-revalidate=5',
      'no-store',
      'private',
      'no-cache',
      'no-cache="set-cookie"',
      'max-age=0',
      'must-revalidate',
      'private=, max-age=5',
    ),
  },
  { weight: 1, arbitrary: set('Set-Cookie', 'id={k}', ['a={k}; Path=/', 'b=2; HttpOnly']) },
  { weight: 1, arbitrary: set('Expires', 'Mon, 01 Jan 2001 00:00:00 GMT', 'Fri, 01 Jan 2100 00:00:00 GMT', '0') },
  { weight: 1, arbitrary: set('Pragma', 'no-cache') },
  {
    weight: 2,
    arbitrary: set('Content-Type', 'text/plain', 'application/json', 'image/png', 'text/html; charset=utf-8'),
  },
  { weight: 1, arbitrary: set('Content-Language', 'de') },
  { weight: 1, arbitrary: set('Content-Location', '/there/{k}') },
  { weight: 1, arbitrary: set('Content-Security-Policy', "default-src 'self'") },
  { weight: 1, arbitrary: set('Content-Disposition', 'attachment; filename="a.txt"') },
  { weight: 1, arbitrary: set('Accept-Ranges', 'none', 'bytes') },
  { weight: 2, arbitrary: set('Link', ['</a>; rel=next', '</b>; rel=prev'], '</{k}>') },
  { weight: 1, arbitrary: set('WWW-Authenticate', ['Basic realm="x"', 'Bearer']) },
  { weight: 2, arbitrary: set('x-lower-{k}'.slice(0, 7), '{k}') },
  { weight: 1, arbitrary: set('X-UPPER', ['one', 'two', 'one']) },
  { weight: 1, arbitrary: set('X-Empty', '') },
  { weight: 1, arbitrary: set('X-Latin', 'gr\u00fc\u00dfe') },
  { weight: 1, arbitrary: set('Connection', 'X-Hop', 'close') },
  { weight: 1, arbitrary: set('X-Hop', 'one') },
  { weight: 1, arbitrary: set('Age', '7') },
  { weight: 1, arbitrary: set('Date', 'Mon, 01 Jan 2001 00:00:00 GMT') },
  { weight: 1, arbitrary: set('Cache-Status', 'Elsewhere; hit') },
  { weight: 1, arbitrary: set('Server-Timing', 'db;dur=1') },
  { weight: 1, arbitrary: fc.constant<FieldPlan>({ act: 'append', name: 'X-Outer', value: 'added' }) },
  { weight: 1, arbitrary: fc.constant<FieldPlan>({ act: 'append', name: 'Link', value: '</appended>' }) },
  { weight: 1, arbitrary: fc.constant<FieldPlan>({ act: 'remove', name: 'X-Outer-Removed', value: '' }) },
)

const filling = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 10, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.integer({ min: 1_000, max: 5_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(20_000, 70_000, 200_000) },
)

const status = fc.oneof(
  { weight: 20, arbitrary: fc.constant(200) },
  { weight: 3, arbitrary: fc.constantFrom(203, 204, 404, 410, 301, 308) },
  // No 205: Koa sends it without a length, and how its end is told is a matter of time.
  { weight: 2, arbitrary: fc.constantFrom(201, 206, 302, 304, 307, 400, 401, 500, 503) },
)

const fault = fc.record({ kind: fc.constantFrom(...faults), always: fc.boolean() })

/** Undefined nine times of ten. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const answer = fc
  .record<AnswerPlan>({
    status,
    phrase: rarely(fc.constantFrom('Fine', 'OK', 'So What')),
    fields: fc.array(field, { maxLength: 3 }),
    filling,
    content: fc.constantFrom('text', 'binary'),
    form: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...frameworkForms) },
      { weight: 5, arbitrary: fc.constantFrom(...rawForms) },
      { weight: 2, arbitrary: fc.constant<'ranged'>('ranged') },
    ),
    pieces: fc.integer({ min: 1, max: 5 }),
    wait: fc.constantFrom('none', 'none', 'turn', 'timer'),
    fault: rarely(fault),
  })
  .map(possible)

/** Beside text as a body Node writes the head as text too, in UTF-8 and not in Latin-1. */
const bytesForms: readonly string[] = ['bytes', 'stream', 'web', 'pieces', 'announced', 'pipe', 'pipeline']
const isAscii = ({ name }: FieldPlan) => name !== 'X-Latin'

/** Not all that can be drawn can be answered, or be told apart from a cached answer. */
function possible(drawn: AnswerPlan): AnswerPlan {
  const plan = bytesForms.includes(drawn.form) ? drawn : { ...drawn, fields: drawn.fields.filter(isAscii) }
  if (plan.form === 'redirect') return { ...plan, status: plan.status >= 300 && plan.status < 400 ? plan.status : 302 }
  const bodiless = [204, 304].includes(plan.status)
  const needsBody = ['short', 'announced', 'trailers'].includes(plan.form)
  return bodiless && needsBody ? { ...plan, form: 'end' } : bodiless ? { ...plan, filling: undefined } : plan
}

const route = fc.record<RoutePlan>({
  keying: fc.constantFrom(...Object.keys(keyings)),
  extras: fc.subarray(Object.keys(extras), { maxLength: 2 }),
  mounted: fc.integer({ max: 5, min: 0 }).map((n) => n === 5),
  answer,
  // What breaks off after its head has succeeded, for all that the cache can tell.
  written: answer.map((plan) => (plan.fault?.kind === 'broken off' ? { ...plan, fault: undefined } : plan)),
})

/** An application of one to three routes. */
export const app: fc.Arbitrary<AppPlan> = fc.record({
  routes: fc.array(route, { minLength: 1, maxLength: 2 }),
  outer: fc.integer({ max: 3, min: 0 }).map((n) => n === 3),
})

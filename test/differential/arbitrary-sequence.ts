// Draws what clients do with a random application.
import fc from 'fast-check'
import { app } from './arbitrary-app.ts'
import { type AskPlan, conditions, type RequestPlan, type Sequence, type Step } from './plan.ts'

/** Undefined most times: `to` times of `to + 1`. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, to = 6) =>
  fc.oneof({ weight: to, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** A field that is there at times. */
const sometimes = (name: string, ...values: string[]) =>
  rarely(fc.constantFrom(...values), 2).map(
    (value): Record<string, string> => (value === undefined ? {} : { [name]: value }),
  )

const joined = (...parts: fc.Arbitrary<Record<string, string>>[]) =>
  fc.tuple(...parts).map((all): Record<string, string> => Object.assign({}, ...all))

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '?a=1',
      '?a=2',
      '?a=1&b=2',
      '?b=2&a=1',
      '?a=1&a=2',
      '?a=2&a=1',
      '?a=1&utm_x=1',
      '?a',
      '?a=',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '?%61=1',
      '?a[]=1',
      '?a[x]=1&a[y]=2',
      '?a=%20',
      '?a=+',
      '?a=%2F',
      '?a=%zz',
      '?&a=1',
      '?__proto__=1',
      '?constructor=1',
      '?is_not_cache=1',
      '?is_not_cache=0&a=1',
      '?is_not_cache=maybe',
    ),
  },
)

const ask = fc.record<AskPlan>({
  route: fc.nat(2),
  query,
  fields: joined(
    sometimes('X-Lang', 'de', 'en', 'de, en', 'de,en', ''),
    sometimes('X-Theme', 'dark', 'light'),
    sometimes('Accept-Encoding', 'gzip', 'gzip, br', 'br , GZIP;q=1.0', 'gzip;q=0', 'identity', '*'),
    sometimes('Cookie', 'sid=a', 'sid=b', 'other=1; sid=a'),
    sometimes('Authorization', 'Basic YTpi', 'Bearer t'),
    sometimes('Origin', 'https://a.test', 'https://b.test'),
  ),
  body: rarely(fc.constantFrom('{}', '{"a":1,"b":2}', '{"b":2,"a":1}', '{"a":"1"}', '[1]', '{"is_not_cache":1}'), 2),
})

const request = fc.record<RequestPlan>({
  ask: fc.nat(3),
  head: fc.integer({ min: 0, max: 6 }).map((n) => n === 6),
  other: fc.boolean(),
  fields: rarely(
    fc.oneof(
      fc
        .constantFrom(
          'bytes=0-0',
          'bytes=0-0',
          'bytes=2-5',
          'bytes=2-5',
          'bytes=-3',
          'bytes=5-',
          'bytes=9999999-',
          'lines=1',
        )
        .map((Range) => ({ Range })),
      fc
        .constantFrom('no-cache', 'max-age=0', 'no-store', 'min-fresh=5', 'max-stale')
        .map((value) => ({ 'Cache-Control': value })),
      fc.constantFrom({ 'If-Match': '"x"' }, { Pragma: 'no-cache' }, { 'If-Range': '"x"' }, { Connection: 'close' }),
    ),
  ).map((fields): Record<string, string> => ({ ...fields })),
  condition: rarely(fc.constantFrom(...conditions)),
})

const site = fc.nat(1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ask' as const), site, request }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('burst' as const, 'pipeline' as const),
      site,
      requests: fc.array(request, { minLength: 2, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), site, request, begun: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('write' as const), route: fc.nat(2), meanwhile: rarely(request) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bump' as const), route: fc.nat(2) }) },
)

/** Sequences; one in eight of them with Redis, where there is one. */
export function sequences(redis: boolean): fc.Arbitrary<Sequence> {
  return fc.record<Sequence>({
    framework: fc.constantFrom('Express', 'Koa'),
    redis: redis ? fc.integer({ min: 0, max: 7 }).map((n) => n === 7) : fc.constant(false),
    app,
    asks: fc.array(ask, { minLength: 1, maxLength: 3 }),
    steps: fc.array(step, { minLength: 3, maxLength: 8 }),
  })
}

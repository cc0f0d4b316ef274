// Whether a stored answer may be used, by its age and by what both sides say (RFC 9111 §4, §5.2.1; RFC 5861).
import { expect } from 'chai'
import fc from 'fast-check'
import type { Entry, StoredPolicy } from '../../src/entry.ts'
import { mayRescue, type Reuse, requestDirectives, reuse } from '../../src/reuse.ts'

const plain: StoredPolicy = {
  forAll: false,
  alwaysRevalidate: false,
  mustRevalidate: false,
  staleWhileRevalidate: 0,
  staleIfError: 0,
}

const LIFETIME = 60_000

/** Made at instant 0, fresh for a minute. */
function entry(policy: Partial<StoredPolicy> | undefined = {}): Entry {
  return {
    response: { status: 200, headers: [], removed: [], body: Buffer.alloc(0) },
    storedAt: 0,
    staleAt: LIFETIME,
    expiresAt: 10 * LIFETIME,
    versions: { tags: [], tokens: [] },
    policy: policy === undefined ? undefined : { ...plain, ...policy },
  }
}

const asked = (cacheControl?: string, pragma?: string) =>
  requestDirectives({
    headers: {
      ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
      ...(pragma === undefined ? {} : { pragma }),
    },
  })

describe('reuse', () => {
  const cases: [policy: Partial<StoredPolicy>, request: string | undefined, age: number, decision: Reuse][] = [
    // §4.2: fresh while the age is smaller than the lifetime.
    [{}, undefined, 0, 'use'],
    [{}, undefined, 59_999, 'use'],
    [{}, undefined, 60_000, 'validate'],
    [{}, undefined, 60_001, 'validate'],
    // §5.2.2.4
    [{ alwaysRevalidate: true }, undefined, 0, 'validate'],
    [{ alwaysRevalidate: true }, 'max-stale', 0, 'validate'],
    // §5.2.2.2: must-revalidate says something of stale answers alone.
    [{ mustRevalidate: true }, undefined, 59_999, 'use'],
    [{ mustRevalidate: true, staleWhileRevalidate: 60_000 }, undefined, 60_000, 'validate'],
    [{ mustRevalidate: true }, 'max-stale', 60_001, 'validate'],
    // RFC 5861 §3
    [{ staleWhileRevalidate: 10_000 }, undefined, 60_000, 'renew'],
    [{ staleWhileRevalidate: 10_000 }, undefined, 69_999, 'renew'],
    [{ staleWhileRevalidate: 10_000 }, undefined, 70_000, 'validate'],
    // §5.2.1.4
    [{}, 'no-cache', 0, 'validate'],
    [{ staleWhileRevalidate: 10_000 }, 'NO-CACHE', 65_000, 'validate'],
    // §5.2.1.1
    [{}, 'max-age=10', 10_000, 'use'],
    [{}, 'max-age=10', 10_001, 'validate'],
    [{}, 'max-age=0', 1, 'validate'],
    [{}, 'max-age=600', 60_000, 'validate'],
    [{}, 'max-age=10, max-stale', 20_000, 'validate'],
    [{ staleWhileRevalidate: 10_000 }, 'max-age=61', 62_000, 'validate'],
    // §5.2.1.3
    [{}, 'min-fresh=10', 50_000, 'use'],
    [{}, 'min-fresh=10', 50_001, 'validate'],
    [{}, 'min-fresh=0', 59_999, 'use'],
    [{ staleWhileRevalidate: 10_000 }, 'min-fresh=1', 65_000, 'validate'],
    // §5.2.1.2
    [{}, 'max-stale', 600_000, 'use'],
    [{}, 'max-stale=5', 65_000, 'use'],
    [{}, 'max-stale=5', 65_001, 'validate'],
    // Directives nobody knows.
    [{}, 'nothing-to-see-here', 0, 'use'],
    [{}, 'x-no-cache, max-ages=0', 0, 'use'],
    // What is malformed asks for more, not for less.
    [{}, 'max-age=x', 1, 'validate'],
    [{}, 'max-age', 1, 'validate'],
    [{}, 'max-age=-1', 1, 'validate'],
    [{}, 'max-age=1.5', 1, 'validate'],
    [{}, 'min-fresh', 0, 'validate'],
    [{}, 'min-fresh=x', 0, 'validate'],
    [{}, 'min-fresh=-5', 0, 'validate'],
    [{}, 'max-stale=x', 60_001, 'validate'],
    [{}, 'max-stale=-1', 60_001, 'validate'],
    [{}, 'max-stale, max-stale=5', 66_000, 'validate'],
    [{}, 'max-age=600, max-age=10', 20_000, 'validate'],
    [{}, 'min-fresh=1, min-fresh=50', 20_000, 'validate'],
    // Huge.
    [{}, `max-age=${'9'.repeat(400)}`, 0, 'use'],
    [{}, `min-fresh=${'9'.repeat(400)}`, 0, 'validate'],
  ]

  for (const [policy, request, age, decision] of cases) {
    it(`says ${decision} to "${request ?? ''}" at ${age} ms, with ${JSON.stringify(policy)}`, () => {
      expect(reuse(entry(policy), asked(request), age)).to.equal(decision)
    })
  }

  it('asks by the ttl alone where header fields are not honoured', () => {
    const without: Entry = { ...entry(), policy: undefined }
    expect(reuse(without, asked('no-cache'), 59_999)).to.equal('use')
    expect(reuse(without, asked('max-stale'), 60_000)).to.equal('validate')
  })

  it('uses for a request with Authorization only what is for everybody', () => {
    expect(reuse(entry(), asked(), 0, true)).to.equal('validate')
    expect(reuse(entry({ forAll: true }), asked(), 0, true)).to.equal('use')
  })

  it('listens to Pragma only where there is no Cache-Control (§5.4)', () => {
    expect(reuse(entry(), asked(undefined, 'no-cache'), 0)).to.equal('validate')
    expect(reuse(entry(), asked(undefined, 'foo'), 0)).to.equal('use')
    expect(reuse(entry(), asked(undefined, 'x-no-cache'), 0)).to.equal('use')
    expect(reuse(entry(), asked('max-age=60', 'no-cache'), 0)).to.equal('use')
  })

  it('never throws, and never uses what is stale unless one of both allows it', function () {
    this.timeout(60_000)
    const word = fc.constantFrom(
      'max-age',
      'min-fresh',
      'max-stale',
      'no-cache',
      '=',
      '"',
      ',',
      '-',
      '1',
      '99',
      ' ',
      '\\',
    )
    const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(''))
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 200_000 }), (request, age) => {
        const decision = reuse(entry(), asked(request), age)
        if (age >= LIFETIME && !/max-stale/.test(request)) expect(decision).to.equal('validate')
        if (decision === 'use' && age < LIFETIME) expect(request).not.to.match(/^no-cache$/)
      }),
    )
  })
})

describe('mayRescue', () => {
  it('lets an answer stand in for as long as it says after it became stale', () => {
    const one = entry({ staleIfError: 10_000 })
    expect([0, 60_000, 70_000, 70_001].map((now) => mayRescue(one, asked(), now))).to.deep.equal([
      true,
      true,
      true,
      false,
    ])
  })

  it('lets a request name the time as well (RFC 5861 §4)', () => {
    expect(mayRescue(entry(), asked('stale-if-error=10'), 70_000)).to.equal(true)
    expect(mayRescue(entry(), asked('stale-if-error=10'), 70_001)).to.equal(false)
    for (const text of ['stale-if-error', 'stale-if-error=x', 'stale-if-error=-1']) {
      expect(mayRescue(entry(), asked(text), 60_000)).to.equal(false)
    }
  })

  it('lets nothing stand in that nobody allowed to, not even what is fresh: who asked for no cache wants to know of the failure', () => {
    expect(mayRescue(entry(), asked('no-cache'), 0)).to.equal(false)
  })

  it('lets nothing stand in that must be confirmed', () => {
    for (const policy of [{ mustRevalidate: true }, { alwaysRevalidate: true }]) {
      expect(mayRescue(entry({ ...policy, staleIfError: 60_000 }), asked('stale-if-error=60'), 60_000)).to.equal(false)
    }
  })

  it("lets nobody's answer stand in for one that was asked for with Authorization, unless it is for everybody", () => {
    expect(mayRescue(entry({ staleIfError: 60_000 }), asked(), 60_000, true)).to.equal(false)
    expect(mayRescue(entry({ staleIfError: 60_000, forAll: true }), asked(), 60_000, true)).to.equal(true)
  })
})

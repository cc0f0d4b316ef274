// `Cache-Status` members are valid structured fields that say what RFC 9211 lets them say.
import { validateHeaderValue } from 'node:http'
import { expect } from 'chai'
import fc from 'fast-check'
import { joinMembers, type Remarks, type TierStatus, tierMember } from '../../../src/http/cache-status.ts'
import { parseItems } from '../fixtures/structured-field.ts'

// T79
describe('tierMember', () => {
  const cases: [tier: string, status: TierStatus, remarks: Remarks | undefined, member: string][] = [
    ['l1', { hit: true, ttl: 59_999 }, undefined, 'tiercache-l1; hit; ttl=59'],
    ['l1', { hit: true, ttl: 0 }, undefined, 'tiercache-l1; hit; ttl=0'],
    ['l1', { hit: true, ttl: 0.4 }, undefined, 'tiercache-l1; hit; ttl=0'],
    ['l1', { hit: true, ttl: -1 }, undefined, 'tiercache-l1; hit; ttl=-1'],
    ['l2', { hit: true, ttl: -5_000 }, undefined, 'tiercache-l2; hit; ttl=-5'],
    ['l1', { fwd: 'miss' }, undefined, 'tiercache-l1; fwd=miss'],
    ['l1', { fwd: 'miss', stored: false }, {}, 'tiercache-l1; fwd=miss'],
    ['l1', { fwd: 'miss', stored: true }, {}, 'tiercache-l1; fwd=miss; stored'],
    ['l1', { fwd: 'bypass' }, { detail: 'is_not_cache' }, 'tiercache-l1; fwd=bypass; detail=is_not_cache'],
    ['l1', { fwd: 'miss' }, { collapsed: true }, 'tiercache-l1; fwd=miss; collapsed'],
    ['l1', { fwd: 'miss' }, { collapsed: false, detail: undefined }, 'tiercache-l1; fwd=miss'],
    ['l1', { hit: true, ttl: 1_000 }, { detail: 'degraded' }, 'tiercache-l1; hit; ttl=1; detail=degraded'],
  ]
  for (const [tier, status, remarks, member] of cases) {
    it(`writes ${member}`, () => {
      expect(tierMember(tier, status, remarks)).to.equal(member)
      expect(parseItems(member)[0]).to.have.property('value', `tiercache-${tier}`)
    })
  }

  it('writes a life of 100 years as an integer', () => {
    const [item] = parseItems(tierMember('l1', { hit: true, ttl: 100 * 365 * 86_400_000 }))
    expect(item?.parameters).to.deep.equal({ hit: true, ttl: 3_153_600_000 })
  })

  // The user names the flag, and anyone may write a Vary: a reason is not always a token.
  const details = [
    'no cache',
    'fresh[1]',
    '1x',
    '',
    'é',
    'キャッシュ',
    'a"b',
    'a\\b',
    'a, b; hit',
    'a\nb',
    'x'.repeat(9_999),
  ]
  for (const detail of details) {
    it(`stays a field that can be sent and read for the reason ${JSON.stringify(detail).slice(0, 20)}`, () => {
      const member = tierMember('l1', { fwd: 'bypass' }, { detail })
      expect(() => validateHeaderValue('Cache-Status', member)).to.not.throw()
      const items = parseItems(member)
      expect(items).to.have.length(1)
      expect(items[0]?.parameters).to.include({ fwd: 'bypass' })
      expect(items[0]?.parameters).to.not.have.property('hit')
    })
  }

  it('is a valid field for every status and every reason', () => {
    const status = fc.oneof(
      fc.record({ hit: fc.constant(true as const), ttl: fc.integer({ min: -1e12, max: 1e12 }) }),
      fc.record({ fwd: fc.constantFrom('miss' as const, 'bypass' as const), stored: fc.boolean() }),
    )
    const remarks = fc.record({
      collapsed: fc.boolean(),
      detail: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.constantFrom('l1', 'l2'), status, remarks, (tier, said, remark) => {
        const [item, ...rest] = parseItems(tierMember(tier, said, remark))
        expect(rest).to.have.length(0)
        expect(item?.value).to.equal(`tiercache-${tier}`)
        expect('hit' in said).to.equal(item?.parameters.hit === true)
        expect(item?.parameters.collapsed === true).to.equal(remark.collapsed)
      }),
    )
  })
})

describe('joinMembers', () => {
  it('puts caches nearer the origin first', () => {
    expect(joinMembers('Origin; hit', 'tiercache-l1; hit')).to.equal('Origin; hit, tiercache-l1; hit')
    expect(parseItems(joinMembers('Origin; hit', 'tiercache-l1; hit')).map(({ value }) => value)).to.deep.equal([
      'Origin',
      'tiercache-l1',
    ])
  })

  it('leaves out what is not there', () => {
    for (const none of [undefined, '']) expect(joinMembers(none, 'tiercache-l1; hit')).to.equal('tiercache-l1; hit')
  })
})

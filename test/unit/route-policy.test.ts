// A route's policy is a frozen copy of its options, in which undefined means absent.
import { expect } from 'chai'
import { type CacheRouteOptions, checkedTags, createRoute } from '../../src/route.ts'
import { expectError, show } from './fixtures/config-error.ts'
import { deepFrozen, thawed } from './fixtures/frozen.ts'

type Options = CacheRouteOptions<readonly unknown[]>

const create = (options: unknown) => createRoute('1m', options as Options)

describe('the options of a route, once given,', () => {
  // DESIGN, invariant 8
  it('are absent where they are undefined', () => {
    const { lifeOf: one, ...withDefaults } = create({})
    const names = Object.keys(withDefaults)
    const options = [
      'name',
      'tags',
      'vary',
      'varyBy',
      'query',
      'body',
      'methods',
      'bypass',
      'public',
      'storable',
      'negativeTtl',
      'maxBodyBytes',
      'flightDeadline',
      'collapse',
      'onFailure',
      'consistency',
      'degrade',
      'maxStale',
      'lock',
      'serverTiming',
    ]
    const { lifeOf: other, ...policy } = create(Object.fromEntries(options.map((name) => [name, undefined])))
    expect(policy).to.deep.equal(withDefaults)
    expect(names).to.include.members(['name', 'vary', 'methods'])
    expect(create({ bypass: { param: undefined, mode: undefined, allow: undefined } }).flag).to.equal('is_not_cache')
    expect(create({ collapse: { maxFollowers: undefined } }).maxFollowers).to.equal(10_000)
    expect(createRoute('1m', undefined).methods).to.deep.equal(['GET', 'HEAD'])
  })

  const everything = (): Options => ({
    name: 'users',
    tags: ['a', 'b'],
    vary: ['Accept', 'accept-language'],
    query: { ignore: ['utm_*'] },
    methods: ['get'],
    bypass: { param: 'fresh' },
    collapse: { maxFollowers: 5 },
    negativeTtl: true,
  })

  it('become a policy that is frozen to its leaves', () => {
    expect(thawed(create(everything()))).to.deep.equal([])
    expect(thawed(create({ consistency: 'strong', degrade: 'error' }))).to.deep.equal([])
    expect(thawed(create({ query: { allow: ['a'] } }))).to.deep.equal([])
    expect(thawed(create(everything()).fixedTags)).to.deep.equal([])
  })

  it('are copied: what their owner does to them later changes nothing', () => {
    const options = everything() as never as Record<string, string[] & { ignore: string[]; param: string }>
    const route = create(options)
    options.tags?.push('later')
    options.vary?.push('later')
    options.methods?.push('LATER')
    options.query?.ignore.push('later')
    options.bypass!.param = 'later'
    expect(route).to.deep.include({ vary: ['accept', 'accept-language'], methods: ['GET', 'HEAD'], flag: 'fresh' })
    expect([route.query, route.fixedTags]).to.deep.equal([{ ignore: ['utm_*'] }, ['a', 'b']])
  })

  it('are never written to', () => {
    expect(() => create(deepFrozen(everything()))).to.not.throw()
  })
})

describe('checkedTags', () => {
  it('makes a list of one tag, and keeps a list', () => {
    expect(checkedTags('a', 'tags')).to.deep.equal(['a'])
    expect(checkedTags(['a', 'b'], 'tags')).to.deep.equal(['a', 'b'])
    expect(checkedTags([], 'tags')).to.deep.equal([])
  })

  for (const tags of [undefined, null, 5, '', [''], ['a', undefined], [['a']], {}, Symbol('a'), Promise.resolve('a')]) {
    it(`refuses ${show(tags)}`, () => void expectError(() => checkedTags(tags, 'bump'), 'invalid-tags'))
  }
})

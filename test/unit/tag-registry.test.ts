// A target that nothing ever carried is told once, with the nearest name.
import { expect } from 'chai'
import { TagRegistry } from '../../src/tag-registry.ts'

describe('a tag registry', () => {
  it('names the nearest tag for one that nothing carried', () => {
    const registry = new TagRegistry()
    registry.note(['/users/:id', '/products', '*'])
    expect(registry.unknown('/product')).to.deep.equal({ nearest: '/products' })
    expect(registry.unknown('something-else-entirely')).to.deep.equal({ nearest: undefined })
  })

  it('says nothing of a tag it knows, whoever noted it', () => {
    const registry = new TagRegistry()
    registry.note(['a'])
    registry.note(['b'])
    expect(['a', 'b'].map((tag) => registry.unknown(tag))).to.deep.equal([undefined, undefined])
  })

  it('reports a target once', () => {
    const registry = new TagRegistry()
    registry.note(['/products'])
    expect(registry.unknown('/product')).to.not.equal(undefined)
    expect(registry.unknown('/product')).to.equal(undefined)
    expect(registry.unknown('/produkts')).to.not.equal(undefined)
  })

  it('names no other tag where it knows none', () => {
    expect(new TagRegistry().unknown('/product')).to.deep.equal({ nearest: undefined })
  })

  it('asks for the routes of the application before it calls a target unknown, and keeps them', () => {
    const registry = new TagRegistry()
    expect(registry.unknown('/products', () => ['/products', '/users'])).to.equal(undefined)
    expect(registry.unknown('/users')).to.equal(undefined)
    expect(registry.unknown('/user', () => [])).to.deep.equal({ nearest: '/users' })
  })

  it('does not ask for the routes where it knows the target already', () => {
    const registry = new TagRegistry()
    registry.note(['a'])
    registry.unknown('a', () => expect.fail('was asked'))
  })

  // T45
  it('stays bounded, and from then on calls nothing unknown', () => {
    const registry = new TagRegistry()
    for (let i = 0; i < 10_000; i++) registry.note([`user:${i}`])
    registry.note(['late'])
    expect(registry.unknown('late')).to.equal(undefined)
    expect(registry.unknown('/product')).to.equal(undefined)
  })

  // T42
  it('knows no tag by the prototype', () => {
    const registry = new TagRegistry()
    registry.note(['a'])
    for (const tag of ['__proto__', 'constructor']) expect(registry.unknown(tag)).to.not.equal(undefined)
  })
})

// Route names: base and path joined as in DESIGN §2.
import { expect } from 'chai'
import { placeOf, routeName, routeNames } from '../../src/place.ts'

describe('routeName', () => {
  const cases: [base: string, path: string | RegExp, name: string][] = [
    ['', '/users', '/users'],
    ['', 'users', '/users'],
    ['/api', '/users', '/api/users'],
    ['/api/', '/users', '/api/users'],
    ['/api', 'users', '/api/users'],
    ['/api', '/users/:id', '/api/users/:id'],
    ['', '/users/', '/users'],
    ['', '/users//', '/users'],
    ['/api', '/', '/api'],
    ['/api', '', '/api'],
    ['', '/', '/'],
    ['', '', '/'],
    ['/', '/', '/'],
    ['//', '//', '/'],
    ['/a//b', '///c', '/a/b/c'],
    ['', '/files/*path', '/files/*path'],
    ['', '/users{/:id}', '/users{/:id}'],
    ['', '*', '/*'],
    // A RegExp is its source, whatever that looks like.
    ['', /^\/users\/(\d+)$/, '^\\/users\\/(\\d+)$'],
    ['', /^\/users\//, '^\\/users\\/'],
    ['', /a\/\/b/i, 'a\\/\\/b'],
    ['/api', /^\/users$/, '/api^\\/users$'],
  ]
  for (const [base, path, name] of cases) {
    it(`of ${JSON.stringify(base)} and ${String(path)} is ${name}`, () => expect(routeName(base, path)).to.equal(name))
  }
})

describe('routeNames', () => {
  const cases: [path: unknown, names: string[]][] = [
    ['/a', ['/api/a']],
    [
      ['/a', '/b'],
      ['/api/a', '/api/b'],
    ],
    [
      ['/a', ['/b', [/c/]]],
      ['/api/a', '/api/b', '/apic'],
    ],
    [[], []],
    [undefined, []],
    [['/a', 5, null], ['/api/a']],
  ]
  for (const [path, names] of cases) {
    it(`of ${JSON.stringify(path) ?? 'no path'} are ${JSON.stringify(names)}`, () => {
      expect(routeNames('/api', path)).to.deep.equal(names)
    })
  }
})

describe('placeOf', () => {
  it('carries every name and the tag of everything', () => {
    expect(placeOf(['/a', '/b'])).to.deep.equal({ name: '/a, /b', tags: ['/a', '/b', '*'] })
  })
})

// Which form of an answer a client gets, and when it has it already.
import { expect } from 'chai'
import type { Negotiated } from '../../../src/http/accept-encoding.ts'
import type { CodedBodies, Coding } from '../../../src/http/coding.ts'
import { negotiated, represent } from '../../../src/http/representation.ts'

const body = Buffer.from('coded')
const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'
const head = {
  status: 200,
  headers: [
    ['Content-Type', 'text/plain'],
    ['ETag', '"v1"'],
    ['Last-Modified', MODIFIED],
  ] as const,
}
const both: Negotiated = { codings: ['br', 'gzip'], identity: true }
const onlyGzip: Negotiated = { codings: ['gzip'], identity: false }
const none: Negotiated = { codings: [], identity: true }

describe('the form of an answer', () => {
  const cases: [made: string, coded: CodedBodies | undefined, wanted: Negotiated, coding: Coding | undefined][] = [
    ['nothing', undefined, both, undefined],
    ['both', { br: body, gzip: body }, both, 'br'],
    ['the second', { gzip: body }, both, 'gzip'],
    ['the second, the first being useless', { br: 'useless', gzip: body }, both, 'gzip'],
    ['what is useless', { br: 'useless' }, both, undefined],
    ['what it does not want', { br: body }, onlyGzip, undefined],
    ['both, and it wants none', { br: body, gzip: body }, none, undefined],
  ]
  for (const [made, coded, wanted, coding] of cases) {
    it(`is ${coding ?? 'the plain one'} where there is ${made}`, () => {
      expect(represent({}, head, coded, wanted)).to.deep.equal({ coding, held: false })
    })
  }
})

// T80, T83; RFC 9110 §8.8.3, §13.1.2
describe('a client that has a form of an answer', () => {
  const cases: [tags: string, wanted: Negotiated, coded: CodedBodies, held: Coding | 'plain' | undefined][] = [
    ['"v1"', none, {}, 'plain'],
    ['"v1--br"', both, { br: body }, 'br'],
    ['W/"v1--br"', both, { br: body }, 'br'],
    ['"v0", "v1--gzip"', both, { br: body }, 'gzip'],
    ['*', both, { br: body }, 'br'],
    ['*', both, {}, 'plain'],
    // No bytes are needed to say that its copy is good.
    ['"v1--br"', both, {}, 'br'],
    ['"v1--br"', both, { br: 'useless' }, 'br'],
    ['"v1"', both, { br: body }, 'plain'],
    // Several: what it would be sent.
    ['"v1", "v1--gzip", "v1--br"', both, { gzip: body }, 'gzip'],
    // Not in a coding that it does not take now.
    ['"v1--br"', onlyGzip, { br: body }, undefined],
    ['"v1--br"', none, { br: body }, undefined],
    ['"v1"', onlyGzip, { gzip: body }, undefined],
    ['"v1"', onlyGzip, {}, 'plain'],
    ['"v2--br"', both, { br: body }, undefined],
    ['"v1--br--br"', both, { br: body }, undefined],
    ['v1--br', both, { br: body }, undefined],
    ['', both, { br: body }, undefined],
  ]
  for (const [tags, wanted, coded, held] of cases) {
    const made = Object.entries(coded).map(([coding, value]) => (value === 'useless' ? `useless ${coding}` : coding))
    it(`is told so of ${held ?? 'nothing'} for ${tags} where it takes ${JSON.stringify(wanted)} and there is ${made.join() || 'nothing'}`, () => {
      const form = represent({ 'if-none-match': tags }, head, coded, wanted)
      expect(form.held).to.equal(held !== undefined)
      if (held !== undefined) expect(form.coding ?? 'plain').to.equal(held)
    })
  }

  it('may ask by date, whatever the form', () => {
    const form = represent({ 'if-modified-since': MODIFIED }, head, { br: body }, both)
    expect(form).to.deep.equal({ coding: 'br', held: true })
  })

  it('is told nothing of an answer that is no success, and gets a form that is there', () => {
    for (const tags of ['"v1--gzip"', '*'])
      expect(represent({ 'if-none-match': tags }, { ...head, status: 404 }, { br: body }, both)).to.deep.equal({
        coding: 'br',
        held: false,
      })
  })

  it('is told nothing of an answer without a tag', () => {
    const untagged = { status: 200, headers: [] }
    expect(represent({ 'if-none-match': '"v1--br"' }, untagged, { br: body }, both).held).to.equal(false)
  })
})

describe('what a client may get', () => {
  const rules = { from: 1, codings: ['br', 'gzip'] as const }

  it('is undefined where the route or the answer knows no coding', () => {
    expect(negotiated(undefined, head, { 'accept-encoding': 'br' })).to.equal(undefined)
    expect(negotiated(rules, { status: 200, headers: [] }, { 'accept-encoding': 'br' })).to.equal(undefined)
  })

  it('is the plain form alone where it asks for a range', () => {
    expect(negotiated(rules, head, { 'accept-encoding': 'br', range: 'bytes=0-1' })).to.deep.equal(none)
    expect(negotiated(rules, head, { 'accept-encoding': 'br' })?.codings).to.deep.equal(['br'])
  })
})

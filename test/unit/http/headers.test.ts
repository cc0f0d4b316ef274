// Header fields as lists of pairs: lines, lists with quotes, and what no cache may store.
import { expect } from 'chai'
import fc from 'fast-check'
import { fieldLines, fieldValue, type HeaderField, listMembers, storableFields } from '../../../src/http/headers.ts'

describe('fieldLines and fieldValue', () => {
  const headers: HeaderField[] = [
    ['Vary', 'Accept'],
    ['LINK', ['<a>', '<b>']],
    ['vary', ['Origin', 'Cookie']],
    ['X-Empty', ''],
    ['X-None', []],
  ]
  const cases: [name: string, lines: string[], value: string | undefined][] = [
    ['vary', ['Accept', 'Origin', 'Cookie'], 'Accept, Origin, Cookie'],
    ['link', ['<a>', '<b>'], '<a>, <b>'],
    ['x-empty', [''], ''],
    ['x-none', [], undefined],
    ['absent', [], undefined],
    ['constructor', [], undefined],
  ]
  for (const [name, lines, value] of cases) {
    it(`finds ${lines.length} lines of ${name}, in whatever letter case they were written`, () => {
      expect(fieldLines(headers, name)).to.deep.equal(lines)
      expect(fieldValue(headers, name)).to.equal(value)
    })
  }
})

describe('listMembers', () => {
  const cases: [value: string, members: string[]][] = [
    ['', []],
    [' , ,, ', []],
    ['a', ['a']],
    ['a, b ,c', ['a', 'b', 'c']],
    ['a,,b', ['a', 'b']],
    ['"a, b", c', ['"a, b"', 'c']],
    ['a="x, y", b', ['a="x, y"', 'b']],
    ['a="x\\", y", b', ['a="x\\", y"', 'b']],
    ['a="x\\\\", b', ['a="x\\\\"', 'b']],
    ['a="never ends, b', ['a="never ends', 'b']],
    ['a="ends", b="never, c', ['a="ends"', 'b="never', 'c']],
    ['a="ends in a backslash\\', ['a="ends in a backslash\\']],
    ['W/"a,b", "c"', ['W/"a,b"', '"c"']],
    ['a\t,\tb', ['a', 'b']],
  ]
  for (const [value, members] of cases) {
    it(`splits ${JSON.stringify(value)}`, () => expect(listMembers(value)).to.deep.equal(members))
  }

  it('puts well-formed members back in order, whatever they hold', () => {
    const member = fc
      .string({ unit: fc.constantFrom('a', ',', '"', '\\', ' ') })
      .map((text) => `x="${text.replace(/["\\]/g, '\\$&')}"`)
    fc.assert(
      fc.property(fc.array(member), (members) => void expect(listMembers(members.join(', '))).to.deep.equal(members)),
    )
  })
})

describe('storableFields', () => {
  const names = (headers: HeaderField[]) => storableFields(headers).map(([name]) => name)

  // T10
  it('leaves hop-by-hop fields out, and those made anew for each answer', () => {
    const left = [
      ...['Connection', 'Keep-Alive', 'Proxy-Authenticate', 'Proxy-Authorization', 'Proxy-Authentication-Info'],
      ...['Proxy-Connection', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Age', 'Content-Length', 'Date'],
      ...['Cache-Status', 'TRANSFER-ENCODING', 'date'],
    ]
    expect(names(left.map((name) => [name, 'x']))).to.deep.equal([])
  })

  it('leaves out what Connection names, in letter case of any kind and on several lines', () => {
    const headers: HeaderField[] = [
      ['Connection', ['close, X-Hop', 'x-other']],
      ['x-hop', '1'],
      ['X-Other', '2'],
      ['X-Kept', '3'],
    ]
    expect(names(headers)).to.deep.equal(['X-Kept'])
  })

  // T9
  it('keeps everything else as it was: names, order, several values', () => {
    const headers: HeaderField[] = [
      ['X-b', '2'],
      ['Link', ['<a>', '<b>']],
      ['x-A', '1'],
      ['ETag', '"1"'],
      ['Content-Type', 'text/html'],
    ]
    expect(storableFields(headers)).to.deep.equal(headers)
  })
})

// What is no frame is an error, and never anything worse: whatever lies in Redis may be anybody's.
import { expect } from 'chai'
import fc from 'fast-check'
import type { Entry } from '../../../src/entry.ts'
import { decode, encode } from '../../../src/store/codec.ts'
import { entryOf } from '../fixtures/entry.ts'

/** An entry's frame with another head, lengths made right. */
function reframe(entry: Entry, change: (head: Record<string, unknown>) => unknown): Buffer {
  const frame = encode(entry, 0)
  const start = 5 + frame.readUInt32BE(1)
  const head = Buffer.from(JSON.stringify(change(JSON.parse(frame.toString('utf8', 5, start)))))
  const prefix = Buffer.from(frame.subarray(0, 5))
  prefix.writeUInt32BE(head.length, 1)
  return Buffer.concat([prefix, head, frame.subarray(start)])
}

/** The error of a frame that is none; anything but an Error fails. */
function refusalOf(frame: Buffer, remaining = 1_000): Error | undefined {
  try {
    return void decode(frame, remaining, 0)
  } catch (error) {
    expect(error).to.be.instanceOf(Error)
    return error as Error
  }
}

// T70
describe('what is no frame', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  it('is an error at every truncation', () => {
    const frame = encode(entryOf(), 0)
    for (let length = 0; length < frame.length; length++)
      expect(refusalOf(frame.subarray(0, length)), `${length}`).to.be.an('error')
    expect(refusalOf(Buffer.concat([frame, Buffer.alloc(1)]))).to.be.an('error')
  })

  it('is an error of another format', () => {
    const frame = encode(entryOf(), 0)
    for (const format of [0, 1, 123, 255])
      expect(refusalOf(Buffer.concat([Buffer.from([format]), frame.subarray(1)]))).to.be.an('error')
  })

  it('is an error or a whole entry for any bytes, and for any change of a frame', () => {
    const frame = encode(entryOf(), 0)
    const changed = fc.tuple(fc.nat(frame.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(frame)
      copy[at] = byte
      return copy
    })
    const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
    const headed = fc
      .tuple(fc.nat(50), garbage)
      .map(([length, rest]) => Buffer.concat([Buffer.from([2, 0, 0, 0, length]), rest]))
    fc.assert(
      fc.property(fc.oneof(changed, garbage, headed), (bytes) => void refusalOf(bytes)),
      { numRuns: 1_000 },
    )
  })

  it('is an error or a whole entry for any JSON as its head', () => {
    const names = ['status', 'message', 'headers', 'removed', 'via', 'tags', 'tokens', 'age', 'fresh', 'life', 'length']
    const change = fc.record(Object.fromEntries(names.map((one) => [one, fc.jsonValue({ maxDepth: 3 })])), {
      requiredKeys: [],
    })
    fc.assert(
      fc.property(change, fc.jsonValue(), (some, whole) => {
        refusalOf(reframe(entryOf(), (head) => ({ ...head, ...some })))
        refusalOf(reframe(entryOf(), () => whole))
      }),
      { numRuns: 300 },
    )
  })

  const heads: [name: string, change: (head: Record<string, unknown>) => unknown][] = [
    ['null', () => null],
    ['a list', () => []],
    ['nothing', () => ({})],
    ...['status', 'headers', 'removed', 'tags', 'tokens', 'age', 'fresh', 'life', 'length'].map(
      (missing): [string, (head: Record<string, unknown>) => unknown] => [
        `no ${missing}`,
        (head) => ({ ...head, [missing]: undefined }),
      ],
    ),
    ['an informational status', (head) => ({ ...head, status: 103 })],
    ['a status of four digits', (head) => ({ ...head, status: 2000 })],
    ['a status of text', (head) => ({ ...head, status: '200' })],
    ['a life beyond exact numbers', (head) => ({ ...head, life: 2 ** 53 })],
    ['half a millisecond of age', (head) => ({ ...head, age: 0.5 })],
    ['a length that is not its body', (head) => ({ ...head, length: 3 })],
    ['a length below nothing', (head) => ({ ...head, length: -1 })],
    ['more tags than tokens', (head) => ({ ...head, tags: ['a', 'b', 'c'] })],
    ['tags that are no text', (head) => ({ ...head, tags: [1, 2] })],
    ['a field with a line break', (head) => ({ ...head, headers: [['X-A', 'a\r\nSet-Cookie: b=1']] })],
    ['a field name with a space', (head) => ({ ...head, headers: [['X A', 'a']] })],
    ['a field without a name', (head) => ({ ...head, headers: [['', 'a']] })],
    ['a field beyond Latin-1', (head) => ({ ...head, headers: [['X-A', '\u0100']] })],
    ['a field of three', (head) => ({ ...head, headers: [['X-A', 'a', 'b']] })],
    ['a field of a number', (head) => ({ ...head, headers: [['X-A', 1]] })],
    ['a field of lists', (head) => ({ ...head, headers: [['X-A', [['a']]]] })],
    ['fields as an object', (head) => ({ ...head, headers: { 'X-A': 'a' } })],
    // Each of these would throw when it is sent.
    ['a phrase with a line break', (head) => ({ ...head, message: 'OK\r\nX-A: 1' })],
    ['a phrase beyond Latin-1', (head) => ({ ...head, message: '\u0100' })],
    ['a phrase that is no text', (head) => ({ ...head, message: 5 })],
    ['members of caches with a line break', (head) => ({ ...head, via: 'a\nb' })],
    ['members of caches beyond Latin-1', (head) => ({ ...head, via: '\u0100' })],
    ['a selection that is no object', (head) => ({ ...head, selection: 'accept' })],
    ['a selection without names', (head) => ({ ...head, selection: { text: '' } })],
    ['a selection of a number', (head) => ({ ...head, selection: { names: ['accept'], text: 1 } })],
    ['null variants', (head) => ({ ...head, variants: null })],
    ['variants of names that are no text', (head) => ({ ...head, variants: { names: [1], keys: [] } })],
    ['variants without keys', (head) => ({ ...head, variants: { names: ['accept'] } })],
    ['members of caches that are no text', (head) => ({ ...head, via: ['a'] })],
    ['a mark that is none', (head) => ({ ...head, negative: 'yes' })],
    ['a mark that is false', (head) => ({ ...head, negative: false })],
    ['a null mark', (head) => ({ ...head, negative: null })],
    ['removed names that are no text', (head) => ({ ...head, removed: [1] })],
  ]
  for (const [what, change] of heads) {
    it(`is a head with ${what}`, () => expect(refusalOf(reframe(entryOf(), change))).to.be.an('error'))
  }

  it('does not become a prototype', () => {
    const frame = reframe(entryOf(), (head) =>
      JSON.parse(`${JSON.stringify(head).slice(0, -1)},"__proto__":{"polluted":true}}`),
    )
    decode(frame, 1_000, 0)
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined)
  })

  it('is soon told from a frame, however large it says it is or how deep it nests', () => {
    const huge = Buffer.alloc(8_000_000, '[')
    huge.writeUInt8(1, 0)
    huge.writeUInt32BE(huge.length - 5, 1)
    expect(refusalOf(huge)).to.be.an('error')
    huge.writeUInt32BE(0xffff_ffff, 1)
    expect(refusalOf(huge)).to.be.an('error')
  })
})

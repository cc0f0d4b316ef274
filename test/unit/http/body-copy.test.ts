// A copy of a body: the bytes that were written, in memory of their own, up to a cap.
import { expect } from 'chai'
import fc from 'fast-check'
import { BodyCopy, bytesOf } from '../../../src/http/body-copy.ts'

describe('bytesOf', () => {
  // T1
  const texts: [text: string, encoding: unknown, bytes: Buffer][] = [
    ['é€😀', undefined, Buffer.from('é€😀')],
    ['é', 'utf8', Buffer.from('é')],
    ['é', 'UTF-8', Buffer.from('é')],
    ['é', 'latin1', Buffer.from([0xe9])],
    ['é', 'binary', Buffer.from([0xe9])],
    ['AP8=', 'base64', Buffer.from([0x00, 0xff])],
    ['AP8', 'base64url', Buffer.from([0x00, 0xff])],
    ['00ff', 'hex', Buffer.from([0x00, 0xff])],
    ['é', 'ucs2', Buffer.from([0xe9, 0x00])],
    ['a', 'ascii', Buffer.from('a')],
    ['', 'utf8', Buffer.alloc(0)],
    // What stands in the place of the encoding: nothing, or the callback.
    ['é', null, Buffer.from('é')],
    ['é', () => undefined, Buffer.from('é')],
    ['é', 'klingon', Buffer.from('é')],
  ]
  for (const [text, encoding, bytes] of texts) {
    it(`of ${JSON.stringify(text)} as ${String(encoding)} are ${bytes.toString('hex') || 'none'}`, () => {
      expect(bytesOf(text, encoding)?.equals(bytes)).to.equal(true)
    })
  }

  // T2
  it('of a subarray are those it shows, and no more of its memory', () => {
    const pool = Buffer.from('0123456789')
    const bytes = bytesOf(pool.subarray(2, 5))!
    expect(String(bytes)).to.equal('234')
    expect(bytes.buffer.byteLength).to.equal(3)
    expect(bytesOf('abc')!.buffer.byteLength).to.equal(3)
  })

  it('are a copy: what the writer does to its chunk later changes nothing', () => {
    const chunk = new Uint8Array([1, 2, 3])
    const bytes = bytesOf(chunk)!
    chunk.fill(9)
    expect([...bytes]).to.deep.equal([1, 2, 3])
  })

  it('are none where `write` would throw', () => {
    for (const chunk of [
      undefined,
      null,
      5,
      {},
      [1],
      new DataView(new ArrayBuffer(1)),
      new ArrayBuffer(1),
      new Uint16Array(1),
    ]) {
      expect(bytesOf(chunk), String(chunk)).to.equal(undefined)
    }
  })
})

describe('a copy of a body', () => {
  it('joins its chunks in order, in memory of exactly their size', () => {
    const copy = new BodyCopy(100)
    expect([copy.add('é'), copy.add(Buffer.from([0xff])), copy.add('ff', 'hex')]).to.deep.equal([true, true, true])
    const body = copy.join()
    expect(body.toString('hex')).to.equal('c3a9ffff')
    expect(body.buffer.byteLength).to.equal(4)
  })

  // T3
  it('does not mind a character split over two chunks', () => {
    const bytes = Buffer.from('€')
    const copy = new BodyCopy(100)
    copy.add(bytes.subarray(0, 1))
    copy.add(bytes.subarray(1))
    expect(String(copy.join())).to.equal('€')
  })

  // T15
  it('holds what fits exactly, and says no from the first byte too many', () => {
    const copy = new BodyCopy(4)
    expect([copy.add('ab'), copy.add('cd'), copy.add(''), copy.add('e'), copy.add(''), copy.add('f')]).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('says no to one chunk over the cap, which is its bytes and not its characters', () => {
    expect(new BodyCopy(4).add('ééé')).to.equal(false)
    expect(new BodyCopy(6).add('ééé')).to.equal(true)
  })

  it('is not disturbed by what is no chunk', () => {
    const copy = new BodyCopy(4)
    expect([copy.add(undefined), copy.add(5), copy.add('a')]).to.deep.equal([true, true, true])
    expect(String(copy.join())).to.equal('a')
  })

  // T19
  it('of nothing is empty', () => expect(new BodyCopy(4).join().length).to.equal(0))

  it('has every byte of every chunk', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const copy = new BodyCopy(10_000)
        for (const chunk of chunks) copy.add(chunk)
        expect(copy.join().equals(Buffer.concat(chunks))).to.equal(true)
      }),
    )
  })
})

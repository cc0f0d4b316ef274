// The codings that this Node makes.
import zlib from 'node:zlib'
import { expect } from 'chai'
import { type Coding, encodeBody, makeableCodings } from '../../../src/http/coding.ts'

const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Buffer) => Buffer }
const decode: Record<Coding, ((bytes: Buffer) => Buffer) | undefined> = {
  br: zlib.brotliDecompressSync,
  gzip: zlib.gunzipSync,
  zstd: zstdDecompressSync,
}
const made = (coding: Coding, bytes: Buffer) =>
  new Promise<Buffer | undefined>((resolve) => encodeBody(coding, bytes, resolve))

describe('the codings', () => {
  it('are br, gzip, and zstd where Node has it, the best first', () => {
    const expected = zstdDecompressSync === undefined ? ['br', 'gzip'] : ['br', 'zstd', 'gzip']
    expect(makeableCodings).to.deep.equal(expected)
  })

  for (const coding of makeableCodings) {
    it(`bring back what ${coding} made, empty or large`, async () => {
      for (const bytes of [Buffer.alloc(0), Buffer.from('äöü'), Buffer.alloc(300_000, 'text ')])
        expect(decode[coding]!((await made(coding, bytes))!).equals(bytes)).to.equal(true)
    })
  }

  it('are nothing where they cannot be made', async () => {
    expect(await made('unheard-of' as Coding, Buffer.from('x'))).to.equal(undefined)
    expect(await made('gzip', 1 as never)).to.equal(undefined)
  })
})

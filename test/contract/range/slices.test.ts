// Parts of what is stored: the very bytes, the fields that say which, and the whole wherever a part would be none.
import { expect } from 'chai'
import fc from 'fast-check'
import { readMultipart } from '../../support/multipart.ts'
import { value, values, type WireAnswer } from '../../support/wire.ts'
import { overShelves } from '../shelves.ts'

const text = Buffer.from('0123456789')
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 251))
const plain = { 'Content-Type': 'text/plain', ETag: '"v1"' }
const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'

overShelves('a Range request', (shelf) => {
  let made = 0
  const fresh = () => `thing-${++made}`
  const expectPart = (answer: WireAnswer, place: string, body: string | Buffer) => {
    expect(answer.status).to.equal(206)
    expect(value(answer, 'content-range')).to.equal(place)
    expect(value(answer, 'content-length')).to.equal(`${body.length}`)
    expect(values(answer, 'transfer-encoding')).to.deep.equal([])
    expect(answer.body.equals(Buffer.from(body))).to.equal(true)
    expect(answer.whole).to.equal(true)
  }
  const expectWhole = (answer: WireAnswer, body: string | Buffer = text) => {
    expect(answer.status).to.equal(200)
    expect(values(answer, 'content-range')).to.deep.equal([])
    expect(answer.body.equals(Buffer.from(body))).to.equal(true)
  }

  // T29
  it('gets a slice of what is stored: 206 with its place and length, and no run', async () => {
    const id = fresh()
    const headers = { ...plain, 'Last-Modified': MODIFIED, 'Cache-Control': 'public', Link: ['<a>', '<b>'] }
    await shelf.store(id, { headers, body: text })
    const answer = await shelf.ask(id, { Range: 'bytes=2-4' })
    expectPart(answer, 'bytes 2-4/10', '234')
    expect(answer.phrase).to.equal('Partial Content')
    expect(value(answer, 'content-type')).to.match(/^text\/plain/)
    expect(value(answer, 'etag')).to.equal('"v1"')
    expect(value(answer, 'last-modified')).to.equal(MODIFIED)
    expect(value(answer, 'accept-ranges')).to.equal('bytes')
    expect(values(answer, 'link')).to.deep.equal(['<a>', '<b>'])
    expect(value(answer, 'age')).to.match(/^\d+$/)
    expect(value(answer, 'cache-status')).to.contain(`tiercache-${shelf.tier}; hit`)
    expect(shelf.runs).to.equal(0)
    expect(shelf.app.events.at(-1)).to.include({ type: 'request', outcome: 'hit', tier: shelf.tier })
  })

  const places: Record<string, [place: string, body: string]> = {
    'bytes=0-0': ['bytes 0-0/10', '0'],
    'bytes=9-9': ['bytes 9-9/10', '9'],
    'bytes=0-': ['bytes 0-9/10', '0123456789'],
    'bytes=7-': ['bytes 7-9/10', '789'],
    'bytes=7-700': ['bytes 7-9/10', '789'],
    'bytes=-3': ['bytes 7-9/10', '789'],
    'bytes=-300': ['bytes 0-9/10', '0123456789'],
    'bytes=0-2,1-4': ['bytes 0-4/10', '01234'],
    'bytes=0-0,50-60': ['bytes 0-0/10', '0'],
  }
  for (const [range, [place, body]] of Object.entries(places)) {
    it(`gets ${place} for ${range}`, async () => {
      const id = fresh()
      await shelf.store(id, { headers: plain, body: text })
      expectPart(await shelf.ask(id, { Range: range }), place, body)
      expectWhole(await shelf.ask(id))
      expect(shelf.runs).to.equal(0)
    })
  }

  it('gets slices of large bodies byte for byte', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { 'Content-Type': 'application/octet-stream' }, body: bytes })
    expectPart(
      await shelf.ask(id, { Range: 'bytes=1000-180999' }),
      'bytes 1000-180999/200000',
      bytes.subarray(1000, 181_000),
    )
    expectPart(await shelf.ask(id, { Range: 'bytes=-1' }), 'bytes 199999-199999/200000', bytes.subarray(-1))
    expectWhole(await shelf.ask(id), bytes)
  })

  it('gets several parts as multipart/byteranges, in the order it named them', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { ...plain, 'Content-Type': 'application/octet-stream' }, body: bytes })
    const answer = await shelf.ask(id, { Range: 'bytes=-5,0-0,100-299' })
    expect(answer.status).to.equal(206)
    expect(values(answer, 'content-range')).to.deep.equal([])
    expect(value(answer, 'content-length')).to.equal(`${answer.body.length}`)
    expect(value(answer, 'etag')).to.equal('"v1"')
    const type = 'application/octet-stream'
    const part = (place: string, body: Buffer) => ({
      fields: { 'content-type': type, 'content-range': `bytes ${place}/200000` },
      body,
    })
    expect(readMultipart(value(answer, 'content-type'), answer.body)).to.deep.equal([
      part('199995-199999', bytes.subarray(-5)),
      part('0-0', bytes.subarray(0, 1)),
      part('100-299', bytes.subarray(100, 300)),
    ])
    expect(shelf.runs).to.equal(0)
  })

  it('gets each byte once at most, and the whole where it asks for too many parts', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { 'Content-Type': 'application/octet-stream' }, body: bytes })
    const overlapping = await shelf.ask(id, { Range: `bytes=${Array.from({ length: 32 }, () => '0-').join()}` })
    expectPart(overlapping, 'bytes 0-199999/200000', bytes)
    const many = Array.from({ length: 1_300 }, (_, i) => `${i * 2}-${i * 2}`)
    expectWhole(await shelf.ask(id, { Range: `bytes=${many.join()}` }), bytes)
  })

  it('gets 416 with the length, and nothing that others may keep, where the part does not exist', async () => {
    const id = fresh()
    const headers = { ...plain, 'Cache-Control': 'public, max-age=60', 'Access-Control-Allow-Origin': '*' }
    await shelf.store(id, { headers, body: text })
    for (const range of ['bytes=10-', 'bytes=-0', 'bytes=50-60,70-']) {
      const answer = await shelf.ask(id, { Range: range })
      expect(answer.status).to.equal(416)
      expect(answer.phrase).to.equal('Range Not Satisfiable')
      expect(answer.body).to.have.length(0)
      expect(value(answer, 'content-range')).to.equal('bytes */10')
      expect(value(answer, 'content-length')).to.equal('0')
      expect(value(answer, 'cache-control')).to.equal('no-store')
      expect(value(answer, 'access-control-allow-origin')).to.equal('*')
      expect(values(answer, 'content-type').concat(values(answer, 'etag'))).to.deep.equal([])
    }
    expectWhole(await shelf.ask(id))
    expect(shelf.runs).to.equal(0)
  })

  const ignored: Record<string, Record<string, string | string[]>> = {
    'another unit': { Range: 'chapters=1' },
    'no unit': { Range: '0-1' },
    'words for numbers': { Range: 'bytes=abc-' },
    'a doubled dash': { Range: 'bytes=--1' },
    'positions the wrong way round': { Range: 'bytes=5-2' },
    'one malformed part among good ones': { Range: 'bytes=0-1,x' },
    'blanks inside': { Range: 'bytes=0 - 1' },
    nothing: { Range: 'bytes=' },
    'two lines': { Range: ['bytes=0-0', 'bytes=1-1'] },
  }
  for (const [what, headers] of Object.entries(ignored)) {
    it(`gets the whole for ${what}`, async () => {
      const id = fresh()
      await shelf.store(id, { headers: plain, body: text })
      expectWhole(await shelf.ask(id, headers))
      expect(shelf.runs).to.equal(0)
    })
  }

  it('gets the whole where the handler wants no ranges', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { ...plain, 'Accept-Ranges': 'none' }, body: text })
    const answer = await shelf.ask(id, { Range: 'bytes=0-0' })
    expectWhole(answer)
    expect(value(answer, 'accept-ranges')).to.equal('none')
  })

  it('gets the whole of what is no 200', async () => {
    const id = fresh()
    await shelf.store(id, { status: 203, headers: plain, body: text })
    const answer = await shelf.ask(id, { Range: 'bytes=0-0' })
    expect([answer.status, answer.body.toString()]).to.deep.equal([203, '0123456789'])
  })

  // T26
  it('is answered as if it named no range where it is HEAD', async () => {
    const id = fresh()
    await shelf.store(id, { headers: plain, body: text })
    const answer = await shelf.ask(id, { Range: 'bytes=0-0' }, 'HEAD')
    expect(answer.status).to.equal(200)
    expect(value(answer, 'content-length')).to.equal('10')
    expect(values(answer, 'content-range')).to.deep.equal([])
    expect(shelf.runs).to.equal(0)
  })

  it('gets the whole of an empty body for its end, and 416 for any position in it', async () => {
    const id = fresh()
    await shelf.store(id, { headers: plain, body: Buffer.alloc(0) })
    expectWhole(await shelf.ask(id, { Range: 'bytes=-5' }), '')
    expect((await shelf.ask(id, { Range: 'bytes=0-' })).status).to.equal(416)
  })

  // RFC 9110 §13.2.2
  it('gets 304 before any part where the client has the whole already', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { ...plain, 'Last-Modified': MODIFIED }, body: text })
    for (const condition of [
      { 'If-None-Match': '"v1"' },
      { 'If-None-Match': '*' },
      { 'If-Modified-Since': MODIFIED },
    ]) {
      for (const range of ['bytes=0-0', 'bytes=50-']) {
        const answer = await shelf.ask(id, { ...condition, Range: range })
        expect([answer.status, answer.body.length]).to.deep.equal([304, 0])
        expect(values(answer, 'content-range')).to.deep.equal([])
        expect(value(answer, 'etag')).to.equal('"v1"')
      }
    }
    const changed = { 'If-None-Match': '"v0"', 'If-Modified-Since': MODIFIED, Range: 'bytes=0-0' }
    expectPart(await shelf.ask(id, changed), 'bytes 0-0/10', '0')
  })

  it('gets parts only of the very answer that If-Range names', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { ...plain, 'Last-Modified': MODIFIED }, body: text })
    for (const validator of ['"v1"', MODIFIED]) {
      expectPart(await shelf.ask(id, { Range: 'bytes=0-0', 'If-Range': validator }), 'bytes 0-0/10', '0')
    }
    const others = ['"v2"', 'W/"v1"', 'v1', '*', '"v1", "v2"', 'Wed, 21 Oct 2015 07:28:01 GMT', 'yesterday', '']
    for (const validator of others) expectWhole(await shelf.ask(id, { Range: 'bytes=0-0', 'If-Range': validator }))
    for (const range of ['bytes=50-', 'bytes=x']) {
      expectWhole(await shelf.ask(id, { Range: range, 'If-Range': '"v2"' }))
    }
    expect((await shelf.ask(id, { Range: 'bytes=50-', 'If-Range': '"v1"' })).status).to.equal(416)
    expectWhole(await shelf.ask(id, { 'If-Range': '"v1"' }))
    expect(shelf.runs).to.equal(0)
  })

  it('gets the whole where the tag or the date is weak', async () => {
    const weak = fresh()
    await shelf.store(weak, { headers: { 'Content-Type': 'text/plain', ETag: 'W/"v1"' }, body: text })
    for (const validator of ['W/"v1"', '"v1"']) {
      expectWhole(await shelf.ask(weak, { Range: 'bytes=0-0', 'If-Range': validator }))
    }
    const recent = fresh()
    const now = new Date().toUTCString()
    await shelf.store(recent, { headers: { 'Content-Type': 'text/plain', 'Last-Modified': now }, body: text })
    expectWhole(await shelf.ask(recent, { Range: 'bytes=0-0', 'If-Range': now }))
    expectPart(await shelf.ask(recent, { Range: 'bytes=0-0' }), 'bytes 0-0/10', '0')
  })

  // T84
  it('forbids what is outside to code a part', async () => {
    const id = fresh()
    await shelf.store(id, { headers: { ...plain, 'Cache-Control': 'public' }, body: text })
    const headers = { Range: 'bytes=0-0', 'Accept-Encoding': 'gzip' }
    expect(value(await shelf.ask(id, headers), 'cache-control')).to.equal('public, no-transform')
    expect(value(await shelf.ask(id), 'cache-control')).to.equal('public')
    const bare = fresh()
    await shelf.store(bare, { headers: plain, body: text })
    expect(value(await shelf.ask(bare, headers), 'cache-control')).to.equal('no-transform')
  })

  it('gets, for any Range and If-Range a client may send, slices of the body, the whole, or 416', async () => {
    const id = fresh()
    await shelf.store(id, { headers: plain, body: text })
    function expectParts(answer: WireAnswer): void {
      expect(answer.status).to.equal(206)
      const place = value(answer, 'content-range')
      const single = { fields: { 'content-range': place ?? '' }, body: answer.body }
      const parts = place === undefined ? readMultipart(value(answer, 'content-type'), answer.body) : [single]
      for (const { fields, body } of parts) {
        const [, first, last] = /^bytes (\d)-(\d)\/10$/.exec(fields['content-range'] ?? '') ?? []
        expect(body.equals(text.subarray(Number(first), Number(last) + 1))).to.equal(true)
      }
    }
    const number = fc.oneof(
      fc.nat(12).map(String),
      fc.string({ unit: fc.constantFrom('0', '1', '9', 'x', ' '), maxLength: 3 }),
    )
    const spec = fc.tuple(number, fc.constantFrom('-', '-', '-', '--', ''), number).map((parts) => parts.join(''))
    const unit = fc.constantFrom('bytes=', 'bytes=', 'Bytes=', 'bytes', 'x=', '')
    const range = fc
      .tuple(unit, fc.array(spec, { minLength: 1, maxLength: 40 }))
      .map(([name, specs]) => name + specs.join(','))
    const validator = fc.constantFrom(undefined, undefined, '"v1"', 'W/"v1"', '"', '*', '"v1",', 'é', MODIFIED)
    await fc.assert(
      fc.asyncProperty(range, validator, async (field, ifRange) => {
        const answer = await shelf.ask(id, { Range: field, ...(ifRange === undefined ? {} : { 'If-Range': ifRange }) })
        expect(answer.whole).to.equal(true)
        if (answer.status === 200) return expectWhole(answer)
        expect(ifRange ?? '"v1"').to.equal('"v1"')
        if (answer.status === 416) return void expect(value(answer, 'content-range')).to.equal('bytes */10')
        expectParts(answer)
      }),
      { numRuns: 150 },
    )
    expect(shelf.runs).to.equal(0)
  })
})

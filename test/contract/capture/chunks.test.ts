// Chunks of every kind, and chunks whose owner writes to them once they are sent: the entry keeps the bytes of the moment.
import { expect } from 'chai'
import type { Response } from 'express'
import { expectSameRun, expectSameThenReplay, expressTwin, type Twin, trace } from '../../support/compare.ts'
import { ask } from '../../support/wire.ts'

const text = Buffer.from('日本語 😀')

describe('chunks', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // T2
  const kinds: Record<string, () => Uint8Array> = {
    'a Buffer': () => Buffer.from('bytes'),
    'a Buffer out of the pool': () => Buffer.from('0123456789').subarray(3, 7),
    'a Buffer of a large allocation': () => Buffer.alloc(200_000, 'ab').subarray(7, 150_007),
    'a Uint8Array': () => Uint8Array.of(0, 128, 255, 10, 13),
    'a window of an ArrayBuffer': () => new Uint8Array(new Uint8Array([1, 2, 3, 4, 5, 6]).buffer, 2, 3),
    'shared memory': () => new Uint8Array(new SharedArrayBuffer(4)).fill(7),
  }
  for (const [kind, make] of Object.entries(kinds)) {
    it(`are stored as sent: ${kind}`, async () => {
      twin = await expressTwin((_req, res) => {
        res.write(make())
        res.end(make())
      })
      const { reference } = await expectSameThenReplay(twin)
      expect(reference.body.equals(Buffer.concat([make(), make()]))).to.equal(true)
    })

    it(`are stored as sent in one end: ${kind}`, async () => {
      twin = await expressTwin((_req, res) => void res.end(make()))
      const { reference } = await expectSameThenReplay(twin)
      expect(reference.body.equals(Buffer.from(make()))).to.equal(true)
    })
  }

  // T2: a chunk of a wrong type is the framework's to refuse, before a head is formed
  const wrong: Record<string, (res: Response) => unknown> = {
    'write(DataView)': (res) => res.write(new DataView(new ArrayBuffer(4))),
    'write(Float64Array)': (res) => res.write(new Float64Array(1)),
    'write(object)': (res) => res.write({ a: 1 }),
    'write(number)': (res) => res.write(5),
    'write(null)': (res) => res.write(null),
    'write(undefined)': (res) => res.write(undefined),
    'end(object)': (res) => res.end({ a: 1 }),
    'end(number)': (res) => res.end(5),
    'end(DataView)': (res) => res.end(new DataView(new ArrayBuffer(4))),
  }
  for (const [form, write] of Object.entries(wrong)) {
    for (const headers of [{}, { 'If-None-Match': '"x"' }]) {
      const client = 'If-None-Match' in headers ? 'a conditional client' : 'a client'
      it(`of a wrong type fail as they do without the cache, for ${client}: ${form}`, async () => {
        twin = await expressTwin((_req, res) => void write(res))
        const { reference } = await expectSameRun(twin, { headers })
        expect(reference.status).to.equal(500)
        expect(trace(twin.events)).to.deep.equal(['miss', 'status-500'])
      })
    }
  }

  // T2
  it('may be overwritten by their owner right after write and end', async () => {
    twin = await expressTwin((_req, res) => {
      const chunk = Buffer.alloc(100_000, 'a')
      res.write(chunk, () => chunk.fill('x'))
      const last = Buffer.alloc(100_000, 'b')
      res.end(last, () => last.fill('x'))
      res.on('close', () => [chunk, last].map((one) => one.fill('y')))
    })
    const { reference } = await expectSameThenReplay(twin)
    expect(new Set(reference.body)).to.deep.equal(new Set(Buffer.from('ab')))
  })

  it('may be one buffer that is filled again for every write', async () => {
    const handler = async (_req: unknown, res: Response) => {
      const chunk = Buffer.alloc(8)
      for (const letter of 'abcdefgh') {
        await new Promise((resolve) => res.write(chunk.fill(letter), resolve))
      }
      res.end()
    }
    twin = await expressTwin(handler)
    const { replay } = await expectSameThenReplay(twin)
    expect(replay.body.toString()).to.equal([...'abcdefgh'].map((letter) => letter.repeat(8)).join(''))
  })

  it('may be overwritten in the same turn once they are stored', async () => {
    const chunk = Buffer.from('before')
    twin = await expressTwin((_req, res) => {
      res.end(chunk)
      res.once('finish', () => chunk.fill('x'))
    })
    await ask(twin.cached)
    expect((await ask(twin.cached)).body.toString()).to.equal('before')
  })

  // T3
  it('may split a character anywhere', async () => {
    twin = await expressTwin((_req, res) => {
      res.type('text')
      for (const byte of text) res.write(Buffer.from([byte]))
      res.end()
    })
    const { replay } = await expectSameThenReplay(twin)
    expect(replay.body.toString()).to.equal('日本語 😀')
  })
})

// A stream held back while a bump is under way: before its first byte, and once more before its last.
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { type Held, hold, turns } from '../fixtures/held-answer.ts'

describe('a held stream', () => {
  let held: Held

  afterEach(() => held.stop())

  it('is held before its first byte, and once more before its last', async () => {
    held = await hold()
    expect(held.res.write('first')).to.equal(false)
    await turns()
    expect(held.received()).to.equal('')
    held.acts[0]?.resolve()
    await eventually(() => expect(held.received()).to.match(/5\r\nfirst\r\n$/))
    expect(held.res.write('second')).to.equal(true)
    await eventually(() => expect(held.received()).to.match(/6\r\nsecond\r\n$/))
    held.res.end('last')
    await turns()
    expect(held.received()).to.not.match(/last/)
    expect(held.acts).to.have.length(2)
    held.acts[1]?.resolve()
    expect(await held.whole).to.match(/4\r\nlast\r\n0\r\n\r\n$/)
    expect(held.acts).to.have.length(2)
  })

  it('keeps every chunk written meanwhile, in order, and the end behind them', async () => {
    held = await hold()
    held.res.write('a')
    held.res.write('b')
    held.res.end('c')
    expect(held.res.writableEnded).to.equal(true)
    held.acts[0]?.resolve()
    await eventually(() => expect(held.acts).to.have.length(2))
    expect(held.res.writableEnded).to.equal(true)
    held.acts[1]?.resolve()
    expect(await held.whole).to.match(/1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n$/)
  })

  // T2
  it('keeps a copy of a chunk that its writer uses again', async () => {
    held = await hold()
    const chunk = Buffer.from('first')
    held.res.write(chunk)
    chunk.fill('x')
    held.acts[0]?.resolve()
    await eventually(() => expect(held.received()).to.match(/first/))
  })

  // T4
  it('says there is no room and drains later, whatever else was called meanwhile', async () => {
    for (const others of [[], ['flushHeaders'], ['write']] as const) {
      held = await hold()
      const drained = once(held.res, 'drain')
      expect(held.res.write('a')).to.equal(false)
      for (const other of others) held.res[other]('b')
      held.acts[0]?.resolve()
      await drained
      held.stop()
    }
  })

  it('lets a stream be piped through', async () => {
    held = await hold()
    const chunks = Array.from({ length: 50 }, (_, i) => Buffer.alloc(10_000, String(i % 10)))
    const piping = pipeline(Readable.from(chunks), held.res)
    await eventually(() => expect(held.acts).to.have.length(1))
    held.acts[0]?.resolve()
    await eventually(() => expect(held.acts).to.have.length(2))
    held.acts[1]?.resolve()
    await piping
    expect((await held.whole).match(/0{10000}/g)).to.have.length(5)
  })

  it('calls back for every write, once', async () => {
    held = await hold()
    const called: string[] = []
    held.res.write('a', () => called.push('a'))
    held.res.write('b', 'utf8', () => called.push('b'))
    held.acts[0]?.resolve()
    await eventually(() => expect(called).to.deep.equal(['a', 'b']))
  })

  // T7
  it('holds flushed headers, and the end after them', async () => {
    held = await hold()
    held.res.flushHeaders()
    expect(held.res.headersSent).to.equal(true)
    await turns()
    expect(held.received()).to.equal('')
    held.acts[0]?.resolve()
    await eventually(() => expect(held.received()).to.match(/^HTTP\/1.1 200 OK/))
    held.res.end('body')
    expect(held.acts).to.have.length(2)
    held.acts[1]?.resolve()
    expect(await held.whole).to.match(/4\r\nbody\r\n0\r\n\r\n$/)
  })
})

// Bodies are coded once, at first demand, and kept where the entry is.

import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { Coder } from '../../src/coder.ts'
import type { Entry } from '../../src/entry.ts'
import type { Coding } from '../../src/http/coding.ts'
import type { SyncStore } from '../../src/store/store.ts'
import { eventually } from '../support/gate.ts'
import { entryOf } from './fixtures/entry.ts'
import { openMemory } from './fixtures/memory-store.ts'

const gzip = { from: 1_024, codings: ['gzip'] as readonly Coding[] }
const wants = { 'accept-encoding': 'gzip, br' }
const text = (bytes = 4_096) => entryOf({ body: Buffer.alloc(bytes, 'text ') })

/** A memory store that counts what is put into it. */
function open(maxBytes?: number) {
  const { store } = openMemory(100, maxBytes)
  const puts: string[] = []
  const counted: SyncStore = {
    name: 'l1',
    get: (key) => store.get(key),
    set: (key, entry) => {
      puts.push(key)
      store.set(key, entry)
    },
  }
  const coder = new Coder(counted)
  const coded = (key = 'key') => store.get(key)?.response.coded
  const demand = (entry: Entry, key = 'key') => coder.offer(entry, gzip, wants, () => key)
  return { store, puts, coder, coded, demand }
}

describe('a coder', () => {
  it('codes at first demand, and keeps the bytes beside those of the entry in memory of their own size', async () => {
    const { store, coded, demand } = open()
    const entry = text()
    store.set('key', entry)
    const before = store.usage().bytes
    expect(demand(entry)).to.deep.equal({ codings: ['gzip'], identity: true })
    expect(coded()).to.equal(undefined)
    const body = await eventually(() => {
      expect(coded()?.gzip).to.be.instanceOf(Buffer)
      return coded()!.gzip as Buffer
    })
    expect(gunzipSync(body).equals(entry.response.body)).to.equal(true)
    expect(body.buffer.byteLength).to.equal(body.length)
    expect(store.usage().bytes - before).to.be.within(body.length, body.length + 400)
    expect(entry.response).not.to.have.property('coded')
  })

  it('codes once for all who ask meanwhile and afterwards', async () => {
    const { store, puts, coded, demand } = open()
    const entry = text()
    store.set('key', entry)
    for (let i = 0; i < 50; i++) demand(entry)
    await eventually(() => expect(coded()?.gzip).to.be.instanceOf(Buffer))
    // One that was read before may still be about to be sent.
    for (let i = 0; i < 50; i++) demand(entry)
    for (let i = 0; i < 50; i++) demand(store.get('key')!)
    const other = text()
    store.set('other', other)
    demand(other, 'other')
    await eventually(() => expect(coded('other')?.gzip).to.be.instanceOf(Buffer))
    expect(puts).to.deep.equal(['key', 'other'])
  })

  it('remembers that a body does not get smaller, and does not try again', async () => {
    const { store, puts, coded, demand } = open()
    const entry = entryOf({ body: Buffer.from(randomBytes(2_048)) })
    store.set('key', entry)
    demand(entry)
    await eventually(() => expect(coded()).to.deep.equal({ gzip: 'useless' }))
    demand(store.get('key')!)
    const other = text()
    store.set('other', other)
    demand(other, 'other')
    await eventually(() => expect(coded('other')?.gzip).to.be.instanceOf(Buffer))
    expect(puts).to.deep.equal(['key', 'other'])
  })

  it('keeps each coding, in whatever order they are made', async () => {
    const { store, coder, coded } = open()
    const rules = { from: 1, codings: ['br', 'gzip'] as readonly Coding[] }
    store.set('key', text())
    for (const field of ['gzip', 'br']) coder.offer(store.get('key')!, rules, { 'accept-encoding': field }, () => 'key')
    await eventually(() => expect(Object.keys(coded() ?? {}).sort()).to.deep.equal(['br', 'gzip']))
  })

  it('gives a body to no other entry of the same key', async () => {
    const { store, puts, coded, demand } = open()
    const former = text()
    store.set('key', former)
    demand(former)
    const next = entryOf({ body: Buffer.alloc(4_096, 'next ') })
    store.set('key', next)
    demand(next)
    await eventually(() => expect(gunzipSync(coded()!.gzip as Buffer).toString('latin1', 0, 4)).to.equal('next'))
    expect(puts).to.deep.equal(['key'])
    expect(store.get('key')!.response.body).to.equal(next.response.body)
  })

  it('gives it to the same body under newer fields', async () => {
    const { store, coded, demand } = open()
    const entry = text()
    store.set('key', entry)
    demand(entry)
    store.set('key', { ...entry, response: { ...entry.response, headers: [['Content-Type', 'text/html']] } })
    await eventually(() => expect(coded()?.gzip).to.be.instanceOf(Buffer))
    expect(store.get('key')!.response.headers).to.deep.equal([['Content-Type', 'text/html']])
  })

  it('codes nothing that memory does not have, nothing small and nothing that nobody wants', async () => {
    const { store, puts, coder, coded, demand } = open()
    demand(text())
    const small = text(1_023)
    store.set('small', small)
    demand(small, 'small')
    const plain = text()
    store.set('plain', plain)
    for (const field of ['identity', 'br', 'gzip;q=0']) {
      coder.offer(plain, gzip, { 'accept-encoding': field }, () => 'plain')
    }
    coder.offer(plain, gzip, { ...wants, range: 'bytes=0-9' }, () => 'plain')
    const image = { ...plain, response: { ...plain.response, headers: [['Content-Type', 'image/png'] as const] } }
    store.set('image', image)
    expect(demand(image, 'image')).to.equal(undefined)
    const last = text()
    store.set('last', last)
    demand(last, 'last')
    await eventually(() => expect(coded('last')?.gzip).to.be.instanceOf(Buffer))
    expect(puts).to.deep.equal(['last'])
  })

  it('lets few be coded at a time: who comes meanwhile asks again', async () => {
    const { store, puts, coded, demand } = open()
    const entries = ['a', 'b', 'c', 'd'].map((key) => [key, text()] as const)
    for (const [key, entry] of entries) store.set(key, entry)
    for (const [key, entry] of entries) demand(entry, key)
    await eventually(() => expect([coded('a')?.gzip, coded('b')?.gzip].every(Buffer.isBuffer)).to.equal(true))
    expect(puts.toSorted()).to.deep.equal(['a', 'b'])
    for (const [key] of entries) demand(store.get(key)!, key)
    await eventually(() => expect(puts.toSorted()).to.deep.equal(['a', 'b', 'c', 'd']))
  })

  it('keeps the entry where memory has no room for both, and does not try again', async () => {
    const body = Buffer.concat([randomBytes(5_000), Buffer.alloc(5_000)])
    const { store, coded, demand } = open(12_000)
    const entry = entryOf({ body: Buffer.from(new Uint8Array(body).buffer) })
    store.set('key', entry)
    demand(entry)
    await eventually(() => expect(coded()).to.deep.equal({ gzip: 'useless' }))
    expect(store.get('key')!.response.body).to.equal(entry.response.body)
  })
})

// The contract of a store, written once: whatever keeps entries must pass it.
import { expect } from 'chai'
import { monotonicClock } from '../../src/clock.ts'
import type { Entry } from '../../src/entry.ts'
import type { Store } from '../../src/store/store.ts'
import { eventually } from '../support/gate.ts'

/** A store under test, and what must be done afterwards. */
export interface OpenedStore {
  readonly store: Store
  close(): Promise<void>
}

/** An entry with every part filled in, as a response with all kinds of fields and any bytes makes it. */
export function sampleEntry(changes: Partial<Entry> & { body?: Buffer; life?: number } = {}): Entry {
  const { body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), life = 60_000, ...rest } = changes
  const now = monotonicClock.now()
  return {
    response: {
      status: 203,
      statusMessage: 'Second Hand',
      headers: [
        ['Content-Type', 'image/png'],
        ['Link', ['</a>; rel=next', '</b>; rel=prev']],
        ['X-Umlaut', '\xe4'],
      ],
      removed: ['X-Powered-By'],
      body,
    },
    via: 'origin; hit',
    storedAt: now,
    staleAt: now + life,
    expiresAt: now + life,
    versions: { tags: ['/images/:id', '*'], tokens: ['a:1.0', 'a:2.0'] },
    ...rest,
  }
}

/** Tests a store that `open` makes, empty; keys are told apart by the tests themselves. */
export function storeContract(title: string, open: () => Promise<OpenedStore>): void {
  describe(`${title} keeps the contract of a store`, () => {
    let opened: OpenedStore
    let store: Store

    before(async () => {
      opened = await open()
      store = opened.store
    })
    after(() => opened.close())

    it('knows nothing of a key that was never set', async () => {
      expect(await store.get('never-set')).to.equal(undefined)
    })

    it('gives back the response byte for byte, with every field, its lines and their order', async () => {
      const entry = sampleEntry()
      await store.set('whole', entry)
      const { response, via, versions } = (await store.get('whole'))!
      expect(response).to.deep.equal(entry.response)
      expect({ via, versions }).to.deep.equal({ via: entry.via, versions: entry.versions })
    })

    // T19
    for (const [what, body] of [
      ['no byte', Buffer.alloc(0)],
      ['the text 0', Buffer.from('0')],
      ['a million bytes', Buffer.alloc(1_000_000, 'é')],
      ['bytes that are no UTF-8', Buffer.from([0xff, 0xc3, 0x28, 0x00, 0x0d, 0x0a])],
    ] as const) {
      it(`gives back a body of ${what}`, async () => {
        await store.set(what, sampleEntry({ body }))
        const found = await store.get(what)
        expect(found?.response.body.equals(body)).to.equal(true)
      })
    }

    it('gives back an entry without reason phrase, fields, tags and other caches', async () => {
      const { body } = sampleEntry().response
      const response = { status: 200, headers: [], removed: [], body }
      await store.set('bare', sampleEntry({ response, via: undefined, versions: { tags: [], tokens: [] } }))
      const found = (await store.get('bare'))!
      expect(found.response).to.deep.equal(response)
      expect(found.via).to.equal(undefined)
    })

    it('keeps the mark of an entry that says that there is nothing, and puts it on no other', async () => {
      await store.set('nothing', sampleEntry({ negative: true }))
      await store.set('something', sampleEntry())
      expect((await store.get('nothing'))?.negative).to.equal(true)
      expect((await store.get('something'))?.negative).to.equal(undefined)
    })

    it('replaces an entry by a later one of the same key, and of no other', async () => {
      await store.set('one', sampleEntry({ body: Buffer.from('first') }))
      await store.set('two', sampleEntry({ body: Buffer.from('other') }))
      await store.set('one', sampleEntry({ body: Buffer.from('second') }))
      expect(`${(await store.get('one'))?.response.body}`).to.equal('second')
      expect(`${(await store.get('two'))?.response.body}`).to.equal('other')
    })

    // T42
    for (const key of ['__proto__', 'constructor', 'a:b', 'a b', '*', 'ключ']) {
      it(`takes ${JSON.stringify(key)} for a key like any other`, async () => {
        expect(await store.get(key)).to.equal(undefined)
        await store.set(key, sampleEntry({ body: Buffer.from(key) }))
        expect(`${(await store.get(key))?.response.body}`).to.equal(key)
      })
    }

    // T64
    it('keeps the age and the instants at which the entry gets stale and ends', async () => {
      const now = monotonicClock.now()
      const entry = sampleEntry({ storedAt: now - 5_000, staleAt: now + 20_000, expiresAt: now + 30_000 })
      await store.set('aged', entry)
      const found = (await store.get('aged'))!
      // Lives may be rounded, and shrink while the entry is on its way.
      expect(found.staleAt - found.storedAt).to.be.closeTo(25_000, 2)
      expect(found.expiresAt - found.staleAt).to.be.closeTo(10_000, 2)
      expect(found.expiresAt).to.be.closeTo(entry.expiresAt, 1_000)
    })

    it('forgets an entry when its life is over', async () => {
      await store.set('short', sampleEntry({ life: 80 }))
      await eventually(async () => expect(await store.get('short')).to.equal(undefined))
    })

    // T67
    it('keeps nothing whose life is over already', async () => {
      await store.set('late', sampleEntry({ life: -1 }))
      expect(await store.get('late')).to.equal(undefined)
    })

    it('takes a life that is longer than any timer', async () => {
      await store.set('long', sampleEntry({ life: 2 ** 31 * 10 }))
      expect((await store.get('long'))!.expiresAt - monotonicClock.now()).to.be.above(2 ** 31 * 9)
    })
  })
}

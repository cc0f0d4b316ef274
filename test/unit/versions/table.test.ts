// The tokens a process knows: bounded, and those in use kept valid.
import { expect } from 'chai'
import type { Shard } from '../../../src/connection/connection.ts'
import { type Slot, TokenTable } from '../../../src/versions/table.ts'

const shard = {} as Shard

const slot = (sentAt: number, parts: Partial<Slot> = {}): Slot => ({
  token: `token-${sentAt}`,
  sentAt,
  heldSince: sentAt,
  shard,
  marker: false,
  keyUntil: 0,
  used: false,
  ...parts,
})

describe('a token table', () => {
  it('knows what was entered last, until it is told to forget', () => {
    const table = new TokenTable(10)
    const [first, second] = [slot(1), slot(2)]
    expect(table.get('a')).to.equal(undefined)
    table.set('a', first)
    table.set('a', second)
    expect(table.get('a')).to.equal(second)
    table.forget('a')
    table.forget('never known')
    expect(table.get('a')).to.equal(undefined)
  })

  it('is bounded: the tag entered longest ago is forgotten, and must be read again', () => {
    const table = new TokenTable(3)
    for (const [i, tag] of ['a', 'b', 'c', 'a', 'd'].entries()) table.set(tag, slot(i))
    expect(['a', 'b', 'c', 'd'].map((tag) => table.get(tag)?.sentAt)).to.deep.equal([3, undefined, 2, 4])
    for (let i = 0; i < 1_000; i++) table.set(`t${i}`, slot(i))
    expect([...Array(1_000).keys()].filter((i) => table.get(`t${i}`) !== undefined)).to.deep.equal([997, 998, 999])
  })

  // T42
  it('may know any tag', () => {
    const table = new TokenTable(10)
    for (const tag of ['__proto__', 'constructor']) {
      expect(table.get(tag)).to.equal(undefined)
      table.set(tag, slot(1))
      expect(table.get(tag)?.token).to.equal('token-1')
    }
  })

  it('lets go of what one primary said, or of what was made without any, and of nothing else', () => {
    const other = {} as Shard
    const table = new TokenTable(10)
    table.set('mine', slot(1, { shard: undefined }))
    table.set('said', slot(1))
    table.set('said as well', slot(2))
    table.set('said elsewhere', slot(1, { shard: other }))
    const known = () => ['mine', 'said', 'said as well', 'said elsewhere'].filter((tag) => table.get(tag) !== undefined)
    table.dropOf(undefined)
    expect(known()).to.deep.equal(['said', 'said as well', 'said elsewhere'])
    table.dropOf(shard)
    expect(known()).to.deep.equal(['said elsewhere'])
    table.dropOf(other)
    expect(known()).to.deep.equal([])
  })

  describe('names the tags in use whose tokens grow old', () => {
    const used = (table: TokenTable, tag: string, sentAt: number) => {
      const entered = slot(sentAt)
      table.set(tag, entered)
      table.use(tag, entered)
      return entered
    }

    it('once for each use', () => {
      const table = new TokenTable(10)
      const a = used(table, 'a', 100)
      table.use('a', a)
      table.set('idle', slot(100))
      expect(table.takeUsed(200, 10)).to.deep.equal(['a'])
      expect(table.takeUsed(200, 10)).to.deep.equal([])
      table.use('a', a)
      expect(table.takeUsed(200, 10)).to.deep.equal(['a'])
    })

    it('later, where they were read lately', () => {
      const table = new TokenTable(10)
      used(table, 'a', 300)
      expect(table.takeUsed(200, 10)).to.deep.equal([])
      expect(table.takeUsed(300, 10)).to.deep.equal(['a'])
    })

    it('a part at a time, in turn', () => {
      const table = new TokenTable(10)
      for (const tag of ['a', 'b', 'c']) used(table, tag, 100)
      expect(table.takeUsed(200, 2)).to.deep.equal(['a', 'b'])
      expect(table.takeUsed(200, 2)).to.deep.equal(['c'])
    })

    it('not where they have been forgotten, or read again since', () => {
      const table = new TokenTable(10)
      used(table, 'gone', 100)
      used(table, 'again', 100)
      table.forget('gone')
      table.set('again', slot(150))
      expect(table.takeUsed(200, 10)).to.deep.equal([])
    })
  })
})

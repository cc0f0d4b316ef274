// Ids that were added: in doubt from a lost connection until they were added once more.
import { expect } from 'chai'
import { AddedIds } from '../../../../src/guard/bloom/added-ids.ts'

const refused = () => Promise.reject(new Error('no'))

describe('ids that were added', () => {
  it('are added once more after the connection was lost, and only then', async () => {
    const ids = new AddedIds()
    const added: (readonly string[])[] = []
    const add = async (all: readonly string[]) => void added.push(all)
    ids.note(['a', 'b'])
    await ids.confirm(add)
    expect([ids.isInDoubt('a'), added]).to.deep.equal([false, []])
    ids.doubt()
    expect([ids.isInDoubt('a'), ids.isInDoubt('c')]).to.deep.equal([true, false])
    await ids.confirm(refused).catch(() => undefined)
    expect(ids.isInDoubt('a')).to.equal(true)
    await ids.confirm(add)
    await ids.confirm(add)
    expect([ids.isInDoubt('a'), added]).to.deep.equal([false, [['a', 'b']]])
  })

  it('stay in doubt where the connection is lost again meanwhile', async () => {
    const ids = new AddedIds()
    ids.note(['a'])
    ids.doubt()
    await ids.confirm(async () => ids.doubt())
    expect(ids.isInDoubt('a')).to.equal(true)
  })

  it('are the last 10,000', () => {
    const ids = new AddedIds()
    ids.note(Array.from({ length: 10_000 }, (_, i) => `${i}`))
    ids.note(['0', 'new'])
    ids.doubt()
    expect([ids.isInDoubt('0'), ids.isInDoubt('1'), ids.isInDoubt('new')]).to.deep.equal([true, false, true])
  })
})

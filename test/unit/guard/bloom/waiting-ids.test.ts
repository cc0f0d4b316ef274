// Ids that wait for Redis: bounded, and each change of their fate is told once.
import { expect } from 'chai'
import { WaitingIds } from '../../../../src/guard/bloom/waiting-ids.ts'

function waitingIds(): { waiting: WaitingIds; told: string[] } {
  const told: string[] = []
  return { waiting: new WaitingIds((outcome, count, reason) => told.push(`${outcome} ${count}: ${reason}`)), told }
}

const many = (from: number, count: number) => Array.from({ length: count }, (_, i) => `${from + i}`)

describe('ids that wait', () => {
  it('are known, and told of once however many follow', () => {
    const { waiting, told } = waitingIds()
    waiting.keep(['a', 'b'], 'down')
    waiting.keep(['c'], 'still down')
    expect(told).to.deep.equal(['waiting 2: down'])
    expect([waiting.has('a'), waiting.has('c'), waiting.has('d'), waiting.size]).to.deep.equal([true, true, false, 3])
  })

  it('are handed on all together, and forgotten once they are added', async () => {
    const { waiting, told } = waitingIds()
    waiting.keep(['a', 'b'], 'down')
    const added: string[] = []
    await waiting.release(async (ids) => void added.push(...ids))
    expect(added).to.deep.equal(['a', 'b'])
    expect(waiting.size).to.equal(0)
    expect(told).to.deep.equal(['waiting 2: down', 'added 2: Redis answers'])
    await waiting.release(async () => expect.fail('nothing waits'))
  })

  it('wait on where they are not taken, as do those that came meanwhile', async () => {
    const { waiting, told } = waitingIds()
    waiting.keep(['a'], 'down')
    const failure = await waiting.release(async () => Promise.reject(new Error('no'))).catch((error: Error) => error)
    expect(failure).to.have.property('message', 'no')
    await waiting.release(async () => waiting.keep(['b'], 'down'))
    expect([waiting.has('a'), waiting.has('b')]).to.deep.equal([false, true])
    expect(told).to.deep.equal(['waiting 1: down', 'added 1: Redis answers'])
  })

  it('are given up at the end, which is told where there are any', () => {
    const { waiting, told } = waitingIds()
    waiting.giveUp('closed')
    waiting.keep(['a', 'b'], 'down')
    waiting.giveUp('closed')
    expect([told, waiting.size]).to.deep.equal([['waiting 2: down', 'lost 2: closed'], 0])
  })

  it('are 10,000 at most: those that waited longest are given up, which is told once', () => {
    const { waiting, told } = waitingIds()
    waiting.keep(many(0, 10_000), 'down')
    waiting.keep(many(10_000, 3), 'down')
    waiting.keep(many(10_003, 3), 'down')
    expect(waiting.size).to.equal(10_000)
    expect([waiting.has('5'), waiting.has('6'), waiting.has('10005')]).to.deep.equal([false, true, true])
    expect(told).to.deep.equal(['waiting 10000: down', 'lost 3: more than 10000 wait'])
  })
})

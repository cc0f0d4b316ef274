// Bounded work over any source: how many at once, and how it ends.
import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { each } from '../../../src/warm/each.ts'
import { deferred } from '../../support/gate.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('each', () => {
  it('works through all items of an array, an iterable and an async one', async () => {
    async function* slow() {
      for (const item of [1, 2, 3]) {
        await turn()
        yield item
      }
    }
    for (const items of [[1, 2, 3], new Set([1, 2, 3]), slow()]) {
      const seen: number[] = []
      await each(items, 2, async (item) => void seen.push(item))
      expect(seen).to.deep.equal([1, 2, 3])
    }
  })

  it('asks a source one question at a time', async () => {
    let asking = 0
    const items = {
      [Symbol.asyncIterator]: () => {
        let left = 10
        return {
          async next() {
            expect(++asking).to.equal(1)
            await turn()
            asking--
            return left-- > 0 ? { value: left, done: false as const } : { value: undefined, done: true as const }
          },
        }
      },
    }
    let count = 0
    await each(items, 4, async () => void count++)
    expect(count).to.equal(10)
  })

  it('is over when what is under way is over', async () => {
    const gate = deferred<void>()
    let isOver = false
    const all = each([1], 3, () => gate.promise).then(() => {
      isOver = true
    })
    await turn()
    expect(isOver).to.equal(false)
    gate.resolve()
    await all
  })

  it('rejects with what the work throws, takes no further item, and leaves the source', async () => {
    const failure = new Error('of the work')
    const gate = deferred<void>()
    let left = false
    let taken = 0
    function* items() {
      try {
        for (;;) yield ++taken
      } finally {
        left = true
      }
    }
    const done: number[] = []
    const all = each(items(), 2, async (item) => {
      if (item === 1) throw failure
      await gate.promise
      done.push(item)
    }).catch((error: unknown) => error)
    await turn()
    gate.resolve()
    expect(await all).to.equal(failure)
    await turn()
    expect({ taken, done, left }).to.deep.equal({ taken: 2, done: [2], left: true })
  })

  it('rejects with what the source throws, once what is under way is over', async () => {
    const failure = new Error('of the source')
    const gate = deferred<void>()
    let isOver = false
    async function* items() {
      yield 1
      throw failure
    }
    const all = each(items(), 2, () => gate.promise).catch((error: unknown) => {
      isOver = true
      return error
    })
    await turn()
    expect(isOver).to.equal(false)
    gate.resolve()
    expect(await all).to.equal(failure)
  })

  it('waits at an abort for what is under way, and not for the source', async () => {
    const ending = new AbortController()
    const gate = deferred<void>()
    let isOver = false
    async function* items() {
      yield 1
      await new Promise(() => undefined)
    }
    const all = each(items(), 2, () => gate.promise, ending.signal).then(() => {
      isOver = true
    })
    await turn()
    ending.abort()
    await turn()
    expect(isOver).to.equal(false)
    gate.resolve()
    await all
  })

  it('leaves nothing behind on a signal that outlives it', async () => {
    const { signal } = new AbortController()
    for (let i = 0; i < 3; i++) await each([1], 1, turn as () => Promise<void>, signal)
    expect(getEventListeners(signal, 'abort')).to.have.length(0)
  })
})

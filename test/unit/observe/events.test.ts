// Listeners are told everything, in order, and cannot break a request.
import { expect } from 'chai'
import sinon from 'sinon'
import { broadcast, type CacheEvent } from '../../../src/observe/events.ts'
import { thenable } from '../fixtures/thenable.ts'

const event: CacheEvent = { type: 'redis', state: 'up', reason: 'answers' }
const throwing = () => {
  throw new Error('mine')
}

describe('broadcast', () => {
  it('tells every listener, in order', () => {
    const told: unknown[] = []
    const tell = broadcast([(one) => told.push(['a', one]), (one) => told.push(['b', one])])
    tell(event)
    expect(told).to.deep.equal([
      ['a', event],
      ['b', event],
    ])
  })

  it('is nothing without listeners', () => expect(broadcast([])(event)).to.equal(undefined))

  it('tells the others when one throws, whatever it throws', () => {
    const last = sinon.spy()
    for (const what of [new Error('mine'), undefined, null, 'text']) {
      const tell = broadcast([
        () => {
          throw what
        },
        last,
      ])
      expect(() => tell(event)).to.not.throw()
    }
    expect(last.callCount).to.equal(4)
  })

  it('tells a listener again that threw', () => {
    const listener = sinon.spy(throwing)
    const tell = broadcast([listener])
    tell(event)
    tell(event)
    expect(listener.callCount).to.equal(2)
  })

  // An unhandled rejection would end the process.
  it('leaves no unhandled rejection of an async listener', async () => {
    const unhandled = sinon.spy()
    process.once('unhandledRejection', unhandled)
    const rejecting = async () => throwing()
    const foreign = () => thenable((_resolve, reject) => reject(new Error('mine')))
    const trapped = () =>
      new Proxy(Promise.resolve(), {
        get: throwing,
      })
    broadcast([rejecting, foreign, trapped] as never)(event)
    for (let i = 0; i < 3; i++) await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled.callCount).to.equal(0)
  })

  it('does not wait for an async listener', () => {
    expect(broadcast([() => new Promise(() => undefined)] as never)(event)).to.equal(undefined)
  })
})

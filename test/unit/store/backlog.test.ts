// What waits to be written is bounded in number and in bytes, and that it is full is told once.
import { expect } from 'chai'
import { TroubleLog } from '../../../src/connection/trouble.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { Backlog } from '../../../src/store/backlog.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import { manualClock } from '../fixtures/manual-clock.ts'

// T73
describe('a backlog', () => {
  const setUp = () => {
    const clock = manualClock()
    const events: CacheEvent[] = []
    const backlog = new Backlog({ count: 3, bytes: 100 }, new TroubleLog((event) => events.push(event), clock))
    const answers: Deferred<unknown>[] = []
    const send = (bytes: number) => {
      const answer = deferred<unknown>()
      answers.push(answer)
      return backlog.sent(Buffer.alloc(bytes), () => answer.promise).catch(() => undefined)
    }
    const told = () => events.map((event) => event.type === 'trouble' && `${event.operation} ${event.kind ?? 'ok'}`)
    return { backlog, answers, send, told, clock }
  }

  it('has room for so many frames, until they are answered or fail', async () => {
    const { backlog, answers, send } = setUp()
    const sent = [1, 1, 1].map(send)
    expect([backlog.hasRoom(), backlog.size]).to.deep.equal([false, { count: 3, bytes: 3 }])
    answers[0]!.resolve('OK')
    answers[1]!.reject(new Error('Connection is closed.'))
    await Promise.all(sent.slice(0, 2))
    expect([backlog.hasRoom(), backlog.size]).to.deep.equal([true, { count: 1, bytes: 1 }])
  })

  it('has room for so many bytes, and for those that wait elsewhere', () => {
    const { backlog, send } = setUp()
    send(99)
    expect([backlog.hasRoom(), backlog.hasRoom(2), backlog.hasRoom(3)]).to.deep.equal([true, true, false])
    send(1)
    expect(backlog.hasRoom()).to.equal(false)
  })

  it('counts what could not be sent at all no longer', async () => {
    const { backlog } = setUp()
    const failing = backlog.sent(Buffer.alloc(5), () => {
      throw new Error('closed')
    })
    expect(await failing.catch((error: Error) => error.message)).to.equal('closed')
    expect(backlog.size).to.deep.equal({ count: 0, bytes: 0 })
  })

  it('says once that it is full, and once that it is not', async () => {
    const { backlog, answers, send, told, clock } = setUp()
    const sent = send(200)
    for (let i = 0; i < 100; i++) backlog.hasRoom()
    expect(told()).to.deep.equal(['backlog overload'])
    answers[0]!.resolve('OK')
    await sent
    for (let i = 0; i < 100; i++) backlog.hasRoom()
    clock.pass(1_000)
    expect(told()).to.deep.equal(['backlog overload', 'backlog ok'])
  })
})

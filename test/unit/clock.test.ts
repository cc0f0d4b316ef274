// The process's own clock, and deadlines that do not blame Redis for a stalled event loop.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import sinon from 'sinon'
import { monotonicClock, within } from '../../src/clock.ts'
import { deferred, eventually } from '../support/gate.ts'

const late = () => new Error('late')

describe('monotonicClock', () => {
  afterEach(() => sinon.restore())

  // T65
  it('does not follow the wall clock', () => {
    const before = monotonicClock.now()
    sinon.useFakeTimers({ now: Date.now() + 86_400_000, toFake: ['Date'] })
    expect(monotonicClock.now() - before).to.be.within(0, 60_000)
  })

  it('calls once, after the time and not before', () => {
    const time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const action = sinon.spy()
    monotonicClock.after(100, action)
    time.tick(99)
    expect(action.callCount).to.equal(0)
    time.tick(1_000)
    expect(action.callCount).to.equal(1)
  })

  it('does not call what was cancelled', () => {
    const time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const action = sinon.spy()
    monotonicClock.after(100, action)()
    time.tick(1_000)
    expect(action.callCount).to.equal(0)
  })

  // T67: a Node timer of more than 2^31 - 1 ms fires after 1 ms.
  it('does not call at once what lies further off than a timer reaches', async () => {
    const called: number[] = []
    const cancels = [2 ** 31, 2 ** 32 + 1, 2 ** 53, Number.POSITIVE_INFINITY].map((ms) =>
      monotonicClock.after(ms, () => called.push(ms)),
    )
    const short = deferred()
    setTimeout(short.resolve, 20)
    await short.promise
    for (const cancel of cancels) cancel()
    expect(called).to.deep.equal([])
  })

  it('lets whatever I/O waits by now be handled before the turn that was asked for', async () => {
    const peer = await socketPair()
    try {
      const order: string[] = []
      const turned = deferred()
      peer.client.on('data', () => order.push('answer'))
      // Written at once: the answer waits in the socket, though nobody has read it yet.
      peer.server.write('answer')
      monotonicClock.turn(() => {
        order.push('turn')
        turned.resolve()
      })
      await turned.promise
      expect(order).to.deep.equal(['answer', 'turn'])
    } finally {
      peer.close()
    }
  })

  // T76
  it('keeps no process alive', () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const cancel = monotonicClock.after(60_000, () => undefined)
    expect(timers()).to.equal(before)
    cancel()
  })
})

describe('within', () => {
  it('settles as the work does', async () => {
    expect(await within(monotonicClock, 60_000, Promise.resolve('answer'), late)).to.equal('answer')
    const failed = within(monotonicClock, 60_000, Promise.reject(new Error('refused')), late)
    expect(await failed.catch((error: Error) => error.message)).to.equal('refused')
  })

  it('rejects once the time is over, and ignores what comes later', async () => {
    const work = deferred<string>()
    const outcome = await within(monotonicClock, 1, work.promise, late).catch((error: Error) => error.message)
    expect(outcome).to.equal('late')
    work.reject(new Error('after all, too late'))
    await new Promise(setImmediate)
  })

  it('cancels its timer when the work is done', async () => {
    const cancelled = sinon.spy()
    await within({ ...monotonicClock, after: () => cancelled }, 60_000, Promise.resolve(), late)
    await new Promise(setImmediate)
    expect(cancelled.callCount).to.equal(1)
  })

  // DESIGN, invariant 5
  it('takes an answer that waited in the socket while the event loop stood still', async () => {
    const { client, server, close } = await socketPair()
    try {
      const answer = within(monotonicClock, 5, once(client, 'data'), late)
      server.write('answer')
      // Far longer than the deadline: its timer is due before anything is read.
      const end = performance.now() + 60
      while (performance.now() < end);
      expect(String(await answer)).to.equal('answer')
    } finally {
      close()
    }
  })

  it('lets a turn of its clock pass before a fired timer counts', async () => {
    const turns: (() => void)[] = []
    const clock = { ...monotonicClock, turn: (action: () => void) => void turns.push(action) }
    const [answered, silent] = [deferred<string>(), deferred<string>()]
    const outcomes = [answered, silent].map(({ promise }) =>
      within(clock, 1, promise, late).catch((error: Error) => error.message),
    )
    await eventually(() => expect(turns).to.have.length(2))
    answered.resolve('answer')
    await answered.promise
    for (const turn of turns) turn()
    expect(await Promise.all(outcomes)).to.deep.equal(['answer', 'late'])
  })
})

/** Two ends of one connection. */
async function socketPair() {
  const accepted = deferred<Socket>()
  const listener = createServer((socket) => accepted.resolve(socket))
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  const server = await accepted.promise
  const close = () => {
    client.destroy()
    server.destroy()
    listener.close()
  }
  return { client, server, close }
}

// A handler that stops because its client left has said nothing: Koa's own 404 is not its answer.
import { once } from 'node:events'
import { expect } from 'chai'
import { koaTwin, type Twin } from '../../support/compare.ts'
import { eventually } from '../../support/gate.ts'
import { getAndLeave } from '../../support/http-client.ts'
import { ask } from '../../support/wire.ts'

describe('a Koa handler without an answer', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const reasons = () => twin.events.flatMap((event) => (event.type === 'run' ? [event.reason ?? 'stored'] : []))

  // T12, T22, T49
  it('whose client left is no 404 for others', async () => {
    let leave: (() => void) | undefined
    twin = await koaTwin(
      async (ctx) => {
        if (leave === undefined) {
          ctx.body = 'here'
          return
        }
        leave()
        leave = undefined
        await once(ctx.res, 'close')
      },
      { route: { negativeTtl: true } },
    )
    leave = getAndLeave(twin.cached, '/answer')
    await eventually(() => expect(reasons()).to.deep.equal(['client-left']))
    const answer = await ask(twin.cached)
    expect([answer.status, answer.body.toString()]).to.deep.equal([200, 'here'])
    expect(reasons()).to.deep.equal(['client-left', 'stored'])
  })

  // T12
  it('that broke the connection off itself is no 404 either', async () => {
    twin = await koaTwin((ctx) => void ctx.req.socket.destroy(), { route: { negativeTtl: true } })
    for (const port of [twin.cached, twin.cached]) expect((await ask(port)).whole).to.equal(false)
    expect(reasons()).to.deep.equal(['client-left', 'client-left'])
  })

  it('but with a status is an answer, whoever left', async () => {
    let leave: (() => void) | undefined
    twin = await koaTwin(async (ctx) => {
      leave?.()
      await once(ctx.res, 'close')
      ctx.status = 204
    })
    leave = getAndLeave(twin.cached, '/answer')
    await eventually(() => expect(reasons()).to.deep.equal(['stored']))
    expect((await ask(twin.cached)).status).to.equal(204)
  })
})

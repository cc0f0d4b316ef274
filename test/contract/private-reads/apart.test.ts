// The promise itself: whoever asks, whenever, nobody gets an answer that was made for another.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { type Native, overSides, runs, type Setup, type Step } from './sides.ts'

const CLIENTS = 200

const sessions: Step = ({ req, subject }, next) => {
  const user = /user=(\w+)/.exec(req.headers.cookie ?? '')?.[1]
  req.session = { user }
  if (user !== undefined) {
    req.user = { name: user }
    subject.state ??= {}
    subject.state.user = req.user
    subject.session = req.session
  }
  return next()
}

const guestOr = (user: string | undefined) => `page for ${user ?? 'a guest'}`

const handlers: Readonly<Record<string, (native: Native) => unknown>> = {
  'by the session': ({ req }) => guestOr(req.session.user),
  'by the session that the subject has': ({ subject }) => guestOr(subject.session?.user),
  'by the user': ({ req }) => guestOr(req.user?.name),
  'by the cookie': ({ req }) => guestOr(/user=(\w+)/.exec(req.headers.cookie ?? '')?.[1]),
  'by the session, after it waited': async ({ req }) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return guestOr(req.session.user)
  },
}

overSides('requests of different clients', (_side, start) => {
  async function expectOwn(setup: Setup) {
    const app = await start({ before: [sessions], ...setup })
    const clients = Array.from({ length: CLIENTS }, (_, i) => (i % 4 === 0 ? undefined : `u${i % 50}`))
    const answers = await Promise.all(
      clients.map((user) => get(app.port, '/page', user === undefined ? {} : { Cookie: `user=${user}` })),
    )
    expect(answers.map(({ text }) => text)).to.deep.equal(clients.map(guestOr))
    // And again, now that all of them have been there.
    for (const user of ['u1', undefined, 'u2']) {
      const answer = await get(app.port, '/page', user === undefined ? {} : { Cookie: `user=${user}` })
      expect(answer.text).to.equal(guestOr(user))
    }
    return app
  }

  for (const [how, handler] of Object.entries(handlers)) {
    it(`get an answer of their own ${how}`, async () => {
      const app = await expectOwn({ handler })
      expect(new Set(runs(app))).to.deep.equal(new Set(['private-read']))
    })
  }

  it('get an answer of their own where it is keyed', async () => {
    const app = await expectOwn({
      options: { varyBy: ({ req }) => req.session.user },
      handler: ({ req }) => guestOr(req.session.user),
    })
    expect(new Set(runs(app))).to.deep.equal(new Set(['stored']))
  })

  it('get an answer of their own where only members are told apart', async () => {
    const app = await expectOwn({
      options: { varyBy: ({ req }) => req.user?.name },
      handler: ({ req }) => guestOr(req.user?.name),
    })
    expect(new Set(runs(app))).to.deep.equal(new Set(['stored']))
  })

  // T48, T52
  it('run side by side once the first has turned out to be private', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start({
      before: [sessions],
      options: { tags: arrivals.tags },
      handler: async ({ req }) => {
        await gates.wait()
        return guestOr(req.session.user)
      },
    })
    const all = ['a', 'b', 'c', 'd'].map((user) => get(app.port, '/page', { Cookie: `user=${user}` }))
    await arrivals.reach(4)
    expect(gates.begun).to.equal(1)
    gates.open()
    await gates.reach(4)
    gates.open()
    expect((await Promise.all(all)).map(({ text }) => text)).to.deep.equal(['a', 'b', 'c', 'd'].map(guestOr))
  })
})

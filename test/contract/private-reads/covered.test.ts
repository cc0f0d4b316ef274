// What the key covers is no secret of the answer: named in `vary`, or read by `varyBy` for this very request.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { type Native, overSides, runs, type Setup, told } from './sides.ts'

const sessionOf = ({ req }: Native): { user?: string } => req.session ?? {}
const withSession: NonNullable<Setup['before']>[number] = ({ req }, next) => {
  const user = /user=(\w+)/.exec(req.headers.cookie ?? '')?.[1]
  req.session = user === undefined ? {} : { user }
  return next()
}

overSides('a private reading that the key covers', (_side, start) => {
  async function asks(setup: Setup, ...asked: (readonly [cookie: string | undefined, text: string])[]) {
    const app = await start(setup)
    for (const [cookie, text] of asked) {
      expect((await get(app.port, '/page', cookie === undefined ? {} : { Cookie: cookie })).text).to.equal(text)
    }
    return app
  }

  it('is stored for each value of a header in `vary`', async () => {
    let count = 0
    const app = await asks(
      {
        options: { vary: ['Cookie'] },
        before: [withSession],
        handler: (native) => `${sessionOf(native).user} ${++count}`,
      },
      ['user=ann', 'ann 1'],
      ['user=bob', 'bob 2'],
      ['user=ann', 'ann 1'],
      [undefined, 'undefined 3'],
      [undefined, 'undefined 3'],
    )
    expect(runs(app)).to.deep.equal(['stored', 'stored', 'stored'])
    expect(told(app)).to.deep.equal([])
  })

  it('is stored for each value of a header in the `Vary` of the answer', async () => {
    let count = 0
    const app = await asks(
      {
        handler: ({ req, res }) => {
          res.setHeader('Vary', 'Cookie')
          return `${req.headers.cookie} ${++count}`
        },
      },
      ['user=ann', 'user=ann 1'],
      ['user=bob', 'user=bob 2'],
      ['user=ann', 'user=ann 1'],
      ['user=bob', 'user=bob 2'],
    )
    expect(runs(app)).to.deep.equal(['stored', 'stored'])
  })

  it('is stored for each value that `varyBy` reads', async () => {
    let count = 0
    const app = await asks(
      {
        before: [withSession],
        options: { varyBy: (native) => sessionOf(native).user },
        handler: (native) => `${sessionOf(native).user} ${++count}`,
      },
      ['user=ann', 'ann 1'],
      ['user=bob', 'bob 2'],
      ['user=ann; other=1', 'ann 1'],
      [undefined, 'undefined 3'],
      ['other=1', 'undefined 3'],
    )
    expect(runs(app)).to.deep.equal(['stored', 'stored', 'stored'])
    expect(told(app)).to.deep.equal([])
  })

  it('is stored for each value that an asynchronous `varyBy` reads', async () => {
    let count = 0
    const app = await asks(
      {
        before: [withSession],
        options: { varyBy: async (native) => sessionOf(native).user },
        handler: (native) => `${sessionOf(native).user} ${++count}`,
      },
      ['user=ann', 'ann 1'],
      ['user=bob', 'bob 2'],
      ['user=ann', 'ann 1'],
    )
    expect(runs(app)).to.deep.equal(['stored', 'stored'])
  })

  it('is no excuse for another one', async () => {
    const app = await asks(
      {
        before: [withSession],
        options: { varyBy: (native) => sessionOf(native).user },
        handler: (native) => `${sessionOf(native).user} ${native.req.headers.cookie}`,
      },
      ['user=ann; a=1', 'ann user=ann; a=1'],
      ['user=ann; a=2', 'ann user=ann; a=2'],
    )
    expect(runs(app)).to.deep.equal(['private-read', 'private-read'])
    expect(told(app)).to.deep.equal(['req.headers.cookie'])
  })

  it('is none for another request: what `varyBy` reads is asked each time', async () => {
    const app = await asks(
      {
        before: [withSession],
        options: { varyBy: (native) => (native.req.headers['x-own'] === undefined ? null : sessionOf(native).user) },
        handler: (native) => `${sessionOf(native).user}`,
      },
      ['user=ann', 'ann'],
      ['user=bob', 'bob'],
    )
    expect(runs(app)).to.deep.equal(['private-read', 'private-read'])
  })

  // The key says "nobody" for everyone: the session came after it was taken.
  for (const [how, varyBy] of Object.entries({
    'at once': (native: Native) => sessionOf(native).user,
    'with a promise': async (native: Native) => sessionOf(native).user,
  })) {
    it(`is none where the session comes between the cache and the handler: ${how}`, async () => {
      let count = 0
      const app = await asks(
        {
          // Not made of a cookie here, so that the session alone is at stake.
          between: [
            ({ req }, next) => {
              req.session = { user: String(count++) }
              return next()
            },
          ],
          options: { varyBy },
          handler: (native) => `${sessionOf(native).user}`,
        },
        [undefined, '0'],
        [undefined, '1'],
      )
      expect(runs(app)).to.deep.equal(['private-read', 'private-read'])
      expect(told(app)).to.deep.equal(['req.session'])
    })
  }
  it('is none where `varyBy` fails the second time', async () => {
    let calls = 0
    const app = await asks(
      {
        options: {
          varyBy: () => {
            if (++calls > 1) throw new Error('twice')
            return 1
          },
        },
        handler: (native) => `${native.req.headers.cookie}`,
      },
      ['a', 'a'],
    )
    expect(runs(app)).to.deep.equal(['private-read'])
  })

  it('does not ask `varyBy` a second time where nothing private was read', async () => {
    let calls = 0
    await asks(
      { options: { varyBy: () => ++calls && 1 }, handler: () => 'page' },
      [undefined, 'page'],
      [undefined, 'page'],
    )
    expect(calls).to.equal(2)
  })

  const users: readonly [vary: string[], headers: Record<string, string>, reason: string][] = [
    [['Authorization'], { Authorization: 'Bearer x' }, 'stored'],
    [['Authorization'], {}, 'stored'],
    [['Authorization'], { Cookie: 'sid=1' }, 'private-read'],
    [['Authorization'], { Authorization: 'Bearer x', Cookie: 'sid=1' }, 'private-read'],
    [['Authorization', 'Cookie'], { Authorization: 'Bearer x', Cookie: 'sid=1' }, 'stored'],
    [['Cookie'], { Cookie: 'sid=1' }, 'stored'],
    [['Accept'], {}, 'private-read'],
  ]
  for (const [vary, headers, reason] of users) {
    it(`of the user is ${reason} by ${vary} with ${Object.keys(headers)}`, async () => {
      const app = await start({ options: { vary }, handler: ({ req }) => `page for ${req.user}` })
      await get(app.port, '/page', headers)
      expect(runs(app)).to.deep.equal([reason])
    })
  }
})

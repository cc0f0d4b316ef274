// `bypass.allow`: whom it refuses, the flag does nothing for; a guard that fails refuses.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { foreign } from '../foreign.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

type Allow = (role: string) => boolean | Promise<boolean>

overFrameworks('the guard of is_not_cache', (harness) => {
  const start = starting(harness)
  const guarded = (allow: Allow) =>
    start((app) => {
      let runs = 0
      app.read('/page', () => ({ body: `run ${++runs}` }), '1m', {
        bypass: { allow: ({ headers }) => allow(String(headers['x-role'])) },
      })
    })

  const guards: Readonly<Record<string, Allow>> = {
    'at once': (role) => role === 'admin',
    'by a promise': async (role) => role === 'admin',
    'by a promise of another library': (role) => foreign(role === 'admin'),
  }
  for (const [title, allow] of Object.entries(guards)) {
    // T37
    it(`lets through whom it allows, and nobody else, ${title}`, async () => {
      const app = await guarded(allow)
      await get(app.port, '/page')
      const admin = await get(app.port, '/page?is_not_cache=1', { 'X-Role': 'admin' })
      expect(admin.text).to.equal('run 2')
      const guest = await get(app.port, '/page?is_not_cache=1', { 'X-Role': 'guest' })
      expect(guest.text).to.equal('run 1')
      expect(guest.headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=\d+$/)
      expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'hit'])
    })
  }

  const failing: Readonly<Record<string, Allow>> = {
    throws: () => {
      throw new Error('no session store')
    },
    rejects: async () => {
      throw new Error('no session store')
    },
    'rejects in its own way': () => foreign<boolean>(new Error('no session store')),
  }
  for (const [title, allow] of Object.entries(failing)) {
    // T75
    it(`lets nobody through where it ${title}, and says so`, async () => {
      const app = await guarded(allow)
      for (const path of ['/page', '/page?is_not_cache=1', '/page?is_not_cache=1']) {
        expect((await get(app.port, path)).text).to.equal('run 1')
      }
      expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'hit'])
      const failures = eventsOf(app, 'function-failed')
      expect(failures.map(({ function: name, route }) => ({ name, route }))).to.deep.equal([
        { name: 'allow', route: '/page' },
        { name: 'allow', route: '/page' },
      ])
      expect(String(failures[0]?.error)).to.equal('Error: no session store')
    })
  }

  // T37: the value still reaches the handler, which may show it
  it('answers and fills for whom it refuses as if there were no flag: an open run would be the lever it guards', async () => {
    const app = await guarded(() => false)
    expect((await get(app.port, '/page?is_not_cache=1')).text).to.equal('run 1')
    expect((await get(app.port, '/page')).text).to.equal('run 1')
    expect((await get(app.port, '/page?is_not_cache=1')).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'hit'])
  })

  it('lets whom it refuses leave nothing behind that a second value could have shaped', async () => {
    const app = await guarded(() => false)
    expect((await get(app.port, '/page?is_not_cache=1&is_not_cache=x')).text).to.equal('run 1')
    expect((await get(app.port, '/page')).text).to.equal('run 2')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
  })

  it('is asked only where the flag is up', async () => {
    let asked = 0
    const app = await guarded(() => {
      asked++
      return false
    })
    for (const path of ['/page', '/page?is_not_cache=0', '/page?a=1']) await get(app.port, path)
    expect(asked).to.equal(0)
    await get(app.port, '/page?is_not_cache=true')
    expect(asked).to.equal(1)
  })
})

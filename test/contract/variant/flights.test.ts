// Requests for one URL that come at once: who may share an answer is known only when there is one.
import { expect } from 'chai'
import { send } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { type Asked, overFrameworks, type ReadOptions } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'
import { askIn, speak } from './languages.ts'

// T52
overFrameworks('requests that differ by what Vary names', (harness) => {
  const start = starting(harness)

  async function page(options: ReadOptions = {}, answer = speak) {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) =>
      app.read(
        '/page',
        async (asked: Asked) => {
          await gates.wait()
          return answer(asked)
        },
        '1m',
        { tags: arrivals.tags, ...options },
      ),
    )
    const ask = async (language: string) => {
      const before = arrivals.count
      const answer = askIn(app, language)
      await arrivals.reach(before + 1)
      return { answer }
    }
    return { app, gates, ask }
  }

  it('wait for one another on a cold key, and never take the answer of another kind', async () => {
    const { app, gates, ask } = await page()
    const languages = ['de', 'en', 'de', 'fr', 'en']
    const waiting = []
    for (const language of languages) waiting.push(await ask(language))
    expect(gates.begun).to.equal(1)
    gates.open()
    // Each further kind by itself, and at once: nobody waits for another kind any more.
    await gates.reach(3)
    gates.open()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ text }) => text)).to.deep.equal(languages.map((language) => `in "${language}"`))
    expect(gates.begun).to.equal(3)
    expect(eventsOf(app, 'run').map(({ stored }) => stored)).to.deep.equal([true, true, true])
    const counts = outcomes(app).sort()
    expect(counts).to.deep.equal(['collapsed', 'collapsed', 'miss', 'miss', 'miss'])
  })

  it('run at the same time once it is known what tells them apart', async () => {
    const { gates, ask } = await page()
    const first = await ask('de')
    gates.open()
    await first.answer
    const waiting = [await ask('en'), await ask('fr'), await ask('en')]
    await gates.reach(3)
    gates.open()
    expect((await Promise.all(waiting.map(({ answer }) => answer))).map(({ text }) => text)).to.deep.equal([
      'in "en"',
      'in "fr"',
      'in "en"',
    ])
    expect(gates.begun).to.equal(3)
  })

  // T48
  it('run at once, not one after the other, where what they waited for is not kept', async () => {
    const { app, gates, ask } = await page()
    const waiting = []
    for (const language of ['de', 'en', 'fr', 'it']) waiting.push(await ask(language))
    await gates.reach(1)
    await app.cache.bump('/page')
    gates.open()
    await gates.reach(4)
    gates.open()
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers.map(({ text }) => text)).to.deep.equal(['in "de"', 'in "en"', 'in "fr"', 'in "it"'])
  })

  it('are released to run alone where nobody may have the answer', async () => {
    const { gates, ask } = await page({}, (asked) => ({ ...speak(asked), headers: { Vary: '*' } }))
    const waiting = [await ask('de'), await ask('de'), await ask('en')]
    gates.open()
    await gates.reach(3)
    gates.open()
    expect((await Promise.all(waiting.map(({ answer }) => answer))).map(({ text }) => text)).to.deep.equal([
      'in "de"',
      'in "de"',
      'in "en"',
    ])
  })
})

overFrameworks('a header that something on the way changes', (harness) => {
  const start = starting(harness)

  it('keeps an answer that is chosen by it out of the cache', async () => {
    let runs = 0
    const app = await start((app) =>
      app.read('/page', (asked) => {
        // As middleware does that knows the user: the next one who sends this himself must not get it.
        Object.assign(asked.headers, { 'x-user': `user of ${asked.headers.cookie}` })
        return { headers: { Vary: 'X-User' }, body: `${asked.headers['x-user']}, run ${++runs}` }
      }),
    )
    const ask = (headers: Record<string, string>) => send(app.port, '/page', { headers })
    expect((await ask({ cookie: '1' })).text).to.equal('user of 1, run 1')
    expect((await ask({ cookie: '2' })).text).to.equal('user of 2, run 2')
    expect((await ask({ 'x-user': 'user of 1' })).text).to.equal('user of undefined, run 3')
    expect(eventsOf(app, 'run').map(({ reason }) => reason)).to.deep.equal(Array(3).fill('vary-changed'))
  })
})

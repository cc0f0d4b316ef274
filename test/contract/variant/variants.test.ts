// Answers of one URL that differ by a request header which the route does not name: the Vary they carry keeps them apart.
import { expect } from 'chai'
import { get, send } from '../../support/http-client.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'
import { askIn, said, speak } from './languages.ts'

// T33
overFrameworks('answers with a Vary of their own', (harness) => {
  const start = starting(harness)

  it('are kept one for each value, absence and emptiness among them, and say Vary each time', async () => {
    const app = await start((app) => app.read('/page', speak))
    const languages = ['de', 'en', '', undefined, 'de, en', 'DE']
    const cold = []
    const warm = []
    for (const language of languages) cold.push(await askIn(app, language))
    for (const language of languages) warm.push(await askIn(app, language))
    const expected = languages.map((language) => `in ${language === undefined ? 'nothing' : JSON.stringify(language)}`)
    expect(cold.map(({ text }) => text)).to.deep.equal(expected)
    expect(warm.map(({ text }) => text)).to.deep.equal(expected)
    expect(outcomes(app)).to.deep.equal([...languages.map(() => 'miss'), ...languages.map(() => 'hit')])
    for (const { headers } of [...cold, ...warm]) expect(headers.vary).to.equal('Accept-Language')
  })

  it('are never mixed, whoever asks at the same time', async () => {
    let runs = 0
    const app = await start((app) =>
      app.read('/page', async (asked) => {
        runs++
        await new Promise(setImmediate)
        return speak(asked)
      }),
    )
    const languages = Array.from({ length: 200 }, (_, i) => ['de', 'en', 'fr', undefined][(i * 7) % 4])
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(languages.map((language) => askIn(app, language)))
      expect(answers.map(({ text }) => text)).to.deep.equal(
        languages.map((language) => `in ${language === undefined ? 'nothing' : JSON.stringify(language)}`),
      )
    }
    expect(outcomes(app).slice(200)).to.deep.equal(languages.map(() => 'hit'))
    expect(runs).to.equal(4)
  })

  it('name the same key in the event of a run as in those of its hits', async () => {
    const app = await start((app) => app.read('/page', speak))
    await askIn(app, 'de')
    await askIn(app, 'en')
    await askIn(app, 'de')
    await askIn(app, 'en')
    const stored = eventsOf(app, 'run').map(({ key }) => key)
    const hits = eventsOf(app, 'request').slice(2)
    expect(new Set(stored).size).to.equal(2)
    expect(hits.map(({ key }) => key)).to.deep.equal(stored)
  })

  it('answer HEAD in its own language, and HEAD fills none', async () => {
    const app = await start((app) => app.read('/page', speak))
    await askIn(app, 'en', '/page', 'HEAD')
    const stored = await askIn(app, 'de')
    const head = await askIn(app, 'de', '/page', 'HEAD')
    expect(head.headers).to.include({ etag: stored.headers.etag, 'content-length': '7' })
    await askIn(app, 'en', '/page', 'HEAD')
    await askIn(app, 'en')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'miss', 'miss'])
  })

  it('give 304 to a client that holds its own variant, and not for another one of the same tag', async () => {
    const app = await start((app) =>
      app.read('/page', (asked) => {
        const { headers, body } = speak(asked)
        return { headers: { ...headers, ETag: asked.headers['accept-language'] === 'de' ? '"de"' : '"en"' }, body }
      }),
    )
    await askIn(app, 'de')
    await askIn(app, 'en')
    const again = (language: string, tag: string) =>
      get(app.port, '/page', { host: 'shop.test', 'Accept-Language': language, 'If-None-Match': tag })
    const good = await again('de', '"de"')
    expect([good.status, good.headers.vary, good.headers.etag]).to.deep.equal([304, 'Accept-Language', '"de"'])
    expect((await again('en', '"de"')).text).to.equal('in "en"')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'hit'])
  })

  it('are told apart by all that any of them named, when the names change', async () => {
    let names = 'X-A'
    const app = await start((app) =>
      app.read('/page', (asked) => ({
        headers: { Vary: names },
        body: `${said(asked, 'x-a')} ${names.includes('X-B') ? said(asked, 'x-b') : ''}`,
      })),
    )
    const ask = async (a: string, b: string) =>
      (await send(app.port, '/page', { headers: { 'X-A': a, 'X-B': b } })).text
    await ask('1', '1')
    expect(await ask('1', '2')).to.equal('"1" ')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
    names = 'X-A, X-B'
    expect(await ask('2', '1')).to.equal('"2" "1"')
    expect(await ask('2', '2')).to.equal('"2" "2"')
    expect(await ask('1', '2')).to.equal('"1" "2"')
    // A name fewer again: those with both stay apart, and what names fewer takes nobody's place.
    names = 'X-B'
    expect(await ask('3', '1')).to.equal('"3" ' + '"1"')
    names = 'X-A, X-B'
    for (const [a, b] of [
      ['2', '1'],
      ['2', '2'],
      ['1', '2'],
      ['3', '1'],
    ] as const) {
      expect(await ask(a, b)).to.equal(`"${a}" "${b}"`)
    }
    expect(outcomes(app).slice(-4)).to.deep.equal(['hit', 'hit', 'hit', 'hit'])
  })

  // RFC 9111 §4.1: a default answer often forgets its Vary.
  it('keep their place when one without Vary is stored beside them', async () => {
    const app = await start((app) =>
      app.read('/page', (asked) =>
        asked.headers['accept-language'] === undefined ? { body: 'default' } : speak(asked),
      ),
    )
    await askIn(app, 'de')
    expect((await askIn(app, undefined)).text).to.equal('default')
    expect((await askIn(app, 'en')).text).to.equal('in "en"')
    expect((await askIn(app, 'de')).text).to.equal('in "de"')
    expect((await askIn(app, undefined)).text).to.equal('default')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'hit', 'hit'])
  })

  it('are renewed one by one, by who asks for it', async () => {
    let runs = 0
    const app = await start((app) =>
      app.read('/page', (asked) => ({ ...speak(asked), body: `${speak(asked).body}: ${++runs}` }), '1m', {
        bypass: { mode: 'refresh' },
      }),
    )
    await askIn(app, 'de')
    await askIn(app, 'en')
    expect((await askIn(app, 'de', '/page?is_not_cache=1')).text).to.equal('in "de": 3')
    expect((await askIn(app, 'de')).text).to.equal('in "de": 3')
    expect((await askIn(app, 'en')).text).to.equal('in "en": 2')
    // Cold, too, a renewal is for its own kind alone.
    await app.cache.bump('*')
    expect((await askIn(app, 'fr', '/page?is_not_cache=1')).text).to.equal('in "fr": 4')
    expect((await askIn(app, 'fr')).text).to.equal('in "fr": 4')
    expect((await askIn(app, 'de')).text).to.equal('in "de": 5')
  })

  it('go around the cache for is_not_cache, whatever variants there are', async () => {
    let runs = 0
    const app = await start((app) => app.read('/page', (asked) => ({ ...speak(asked), body: `run ${++runs}` })))
    await askIn(app, 'de')
    expect((await askIn(app, 'de', '/page?is_not_cache=1')).text).to.equal('run 2')
    expect((await askIn(app, 'de')).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'hit'])
  })

  it('all die with one invalidation', async () => {
    let version = 1
    const app = await start((app) => {
      app.read('/page', (asked) => ({ ...speak(asked), body: `${speak(asked).body}: ${version}` }), '1m', {
        tags: () => 'page',
      })
      app.write('put', '/page', ['page'], () => {
        version++
        return { body: '' }
      })
    })
    const languages = ['de', 'en', undefined]
    for (const language of languages) await askIn(app, language)
    await send(app.port, '/page', { method: 'PUT' })
    for (const language of languages) expect((await askIn(app, language)).text).to.match(/: 2$/)
    expect(outcomes(app).filter((outcome) => outcome !== 'bypass')).to.deep.equal(Array(6).fill('miss'))
    for (const language of languages) expect((await askIn(app, language)).text).to.match(/: 2$/)
    expect(outcomes(app).slice(-3)).to.deep.equal(['hit', 'hit', 'hit'])
  })
})

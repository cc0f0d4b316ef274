// That there is nothing is soon found out anew: it has no life past its ttl, whatever the route lets other answers have.
import { expect } from 'chai'
import sinon from 'sinon'
import { ask } from '../../support/apps.ts'
import { cacheTime } from '../../support/cache-time.ts'
import { Source } from '../aging/source.ts'
import { overFrameworks } from '../middleware.ts'
import { starting } from '../starting.ts'

// T28
overFrameworks('a negative answer past its ttl', (harness) => {
  const start = starting(harness)
  afterEach(() => sinon.restore())

  it('neither leaves stale nor stands in for a failure', async () => {
    const time = cacheTime()
    const source = new Source()
    const app = await start(source.tell({ negativeTtl: '10s', staleFor: '1m', staleIfError: '1h' }))
    source.fail(404)
    await ask(app, '/page')
    time.advance(11_000)
    source.reply = () => ({ body: 'there now' })
    expect((await ask(app, '/page')).text).to.equal('there now')
    source.fail(404)
    await ask(app, '/page?other')
    time.advance(11_000)
    source.fail(500)
    expect((await ask(app, '/page?other')).status).to.equal(500)
  })
})

// `advertise`: clients are told of an answer's life what is true of the entry, and of what is not stored nothing (T36).
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { overFrameworks, type Reply, type Running } from '../middleware.ts'

overFrameworks('an answer whose life clients are told', (harness) => {
  let app: Running
  let reply: Reply

  beforeEach(async () => {
    reply = { body: 'x' }
    app = await harness.start((told) => {
      told.read('/page', () => reply, '2m', { advertise: true })
      told.read('/mine', () => reply, '2m', { advertise: true, varyBy: ({ headers }) => headers['x-user'] })
      told.read('/silent', () => reply, '2m')
    })
  })
  afterEach(() => app.stop())

  it('says so on the miss and on hits alike', async () => {
    for (let i = 0; i < 2; i++) {
      const { headers } = await ask(app, '/page')
      expect(headers['cache-control']).to.equal('public, max-age=120')
      const left = Date.parse(String(headers.expires)) - Date.now()
      expect(left).to.be.within(100_000, 120_000)
    }
  })

  it('is for the client alone where more than the URL decides', async () => {
    for (let i = 0; i < 2; i++) {
      expect((await ask(app, '/mine')).headers['cache-control']).to.equal('private, max-age=120')
    }
  })

  it('keeps what the handler says of it', async () => {
    reply = { body: 'x', headers: { 'Cache-Control': 'max-age=5' } }
    for (let i = 0; i < 2; i++) {
      const { headers } = await ask(app, '/page')
      expect(headers['cache-control']).to.equal('max-age=5')
      expect(headers).not.to.have.property('expires')
    }
  })

  it('says nothing where it is not stored, nor where the route does not ask for it', async () => {
    reply = { status: 500, body: 'x' }
    expect((await ask(app, '/page')).headers).not.to.have.any.keys('cache-control', 'expires')
    reply = { body: 'x', headers: { 'Set-Cookie': 'a=1' } }
    expect((await ask(app, '/page')).headers).not.to.have.any.keys('cache-control', 'expires')
    reply = { body: 'x' }
    for (let i = 0; i < 2; i++) expect((await ask(app, '/silent')).headers).not.to.have.any.keys('cache-control')
  })
})

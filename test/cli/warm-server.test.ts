// `tiercache warm` against a server that runs: real requests, and what their answers say of themselves.
import { expect } from 'chai'
import { overFrameworks, type Running } from '../contract/middleware.ts'
import { outcomes } from '../contract/starting.ts'
import { ask } from '../support/apps.ts'
import { freePort } from '../support/free-port.ts'
import { deferred } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'
import { Project } from './project.ts'

overFrameworks('tiercache warm', (harness) => {
  let app: Running
  let project: Project
  let asked: string[]
  before(() => {
    project = new Project({})
  })
  after(() => project.remove())
  beforeEach(async () => {
    asked = []
    app = await harness.start(
      (told) => {
        told.read('/things/:id', ({ url, headers }) => {
          asked.push(`${headers['x-forwarded-proto'] ?? 'http'}://${headers.host}${url} ${headers['x-a']}`)
          return { body: 'body' }
        })
        told.read('/private', () => ({ headers: { 'Set-Cookie': 'id=1' }, body: 'body' }))
        told.read('/failing', () => ({ status: 503, body: 'busy' }))
        told.read('/never', () => deferred<never>().promise)
        told.plain('get', '/plain', () => ({ body: 'body' }))
      },
      { trustProxy: true },
    )
  })
  afterEach(() => app.stop())

  it('fills the cache of the server, and counts what was there', async () => {
    const server = `http://127.0.0.1:${app.port}`
    const args = ['warm', '/things/1', `${server}/things/2`, '/things/1', '--url', server, '--concurrency', '1']
    const { code, stdout, stderr } = await project.run(args)
    expect(stderr).to.equal('')
    expect(stdout).to.include('2 stored, 1 there already, 0 not stored, 0 failed')
    expect(code).to.equal(0)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit'])
  }).timeout(30_000)

  it('stands in for the proxy of a host: what it fills is what that host’s clients get', async () => {
    const args = [
      'warm',
      '/things/1',
      '--url',
      `127.0.0.1:${app.port}`,
      '--host',
      'https://shop.test',
      '--header',
      'X-A: b',
      '--header',
      'x-a: c',
    ]
    expect((await project.run(args)).code).to.equal(0)
    expect(asked).to.deep.equal(['https://shop.test/things/1 b, c'])
    const https = { 'X-Forwarded-Proto': 'https' }
    expect(outcomeOf(await ask(app, '/things/1', { headers: https }))).to.equal('hit l1')
  }).timeout(30_000)

  it('tells what was not stored and what failed, by what the answers say', async () => {
    const port = await freePort()
    const urls = ['/private', '/failing', '/plain', '/never'].map((path) => `http://127.0.0.1:${app.port}${path}`)
    const { code, stderr } = await project.run(['warm', ...urls, `http://127.0.0.1:${port}/`, '--deadline', '300ms'])
    expect(code).to.equal(1)
    for (const line of [
      /^not stored {2}\S+\/private {2}set-cookie$/m,
      /^failed {6}\S+\/failing {2}status-503$/m,
      /^not stored {2}\S+\/plain {2}no-cache-status$/m,
      /^failed {6}\S+\/never {2}deadline$/m,
      /^failed {6}\S+ {2}.*ECONNREFUSED/m,
    ])
      expect(stderr).to.match(line)
  }).timeout(30_000)

  it('ends when it is interrupted, with what it has done', async () => {
    const server = `http://127.0.0.1:${app.port}`
    const args = ['warm', '/private', '/never', '/things/1', '--url', server, '--concurrency', '1']
    const { code, stdout, stderr } = await project.run(args, { interruptAt: '/private' })
    expect(code).to.equal(1)
    expect(stderr).to.include('Interrupted.')
    expect(stdout).to.include('1 not stored, 1 failed')
    expect(asked).to.deep.equal([])
  }).timeout(30_000)
})

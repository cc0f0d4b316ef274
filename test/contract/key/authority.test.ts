// Scheme and host in the key: as the framework sees them under its trust-proxy setting, and only so.
import { expect } from 'chai'
import { raw } from '../../support/http-client.ts'
import { overFrameworks } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'
import { expectApart, expectShared, type Sent } from './pairs.ts'

const from = (headers: Record<string, string>): Sent => ({ path: '/page', headers })

overFrameworks('the key of a host', (harness) => {
  const start = starting(harness)
  const echo = (trustProxy: boolean) =>
    start(
      (app) => {
        let runs = 0
        app.read('/page', () => ({ body: `run ${++runs}` }))
      },
      { trustProxy },
    )

  // T39
  it('tells hosts and ports apart', async () => {
    await expectApart(await echo(false), [
      from({ Host: 'a.example' }),
      from({ Host: 'b.example' }),
      from({ Host: 'a.example:8080' }),
      from({ Host: 'a.example:443' }),
      from({ Host: 'a.example.' }),
      from({ Host: '[::1]' }),
      from({ Host: '[::1]:8080' }),
      from({ Host: '' }),
    ])
  })

  // T39
  it('takes a host as one in any letter case, with or without the default port', async () => {
    await expectShared(await echo(false), [
      from({ Host: 'a.example' }),
      from({ Host: 'A.EXAMPLE' }),
      from({ Host: 'a.example:80' }),
      from({ Host: 'A.Example:80' }),
    ])
    await expectShared(await echo(false), [from({ Host: '[::1]' }), from({ Host: '[::1]:80' })])
  })

  it('does without a host where HTTP/1.0 sends none', async () => {
    const app = await echo(false)
    for (let sent = 0; sent < 2; sent++) {
      expect(String(await raw(app.port, 'GET /page HTTP/1.0\r\n\r\n'))).to.match(/run 1$/)
    }
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
  })

  it('is not misled by X-Forwarded-* where no proxy is trusted', async () => {
    await expectShared(await echo(false), [
      from({ Host: 'a.example' }),
      from({ Host: 'a.example', 'X-Forwarded-Host': 'evil.example' }),
      from({ Host: 'a.example', 'X-Forwarded-Proto': 'https' }),
      from({ Host: 'a.example', 'X-Forwarded-Port': '8443', Forwarded: 'host=evil.example;proto=https' }),
      from({ Host: 'a.example', 'X-Original-URL': '/admin', 'X-Rewrite-URL': '/admin', 'X-Forwarded-Prefix': '/x' }),
    ])
  })

  it('tells apart what a trusted proxy forwards: host and scheme', async () => {
    await expectApart(await echo(true), [
      from({ Host: 'inner' }),
      from({ Host: 'inner', 'X-Forwarded-Host': 'a.example' }),
      from({ Host: 'inner', 'X-Forwarded-Host': 'b.example' }),
      from({ Host: 'inner', 'X-Forwarded-Proto': 'https' }),
      from({ Host: 'inner', 'X-Forwarded-Host': 'a.example', 'X-Forwarded-Proto': 'https' }),
    ])
  })

  it('takes what a trusted proxy forwards as one where it means one', async () => {
    await expectShared(await echo(true), [
      from({ Host: 'inner', 'X-Forwarded-Host': 'a.example', 'X-Forwarded-Proto': 'https' }),
      from({ Host: 'other', 'X-Forwarded-Host': 'A.example', 'X-Forwarded-Proto': 'https' }),
      from({ Host: 'inner', 'X-Forwarded-Host': 'a.example:443', 'X-Forwarded-Proto': 'https' }),
      from({ Host: 'inner', 'X-Forwarded-Host': 'a.example, proxy', 'X-Forwarded-Proto': 'https, http' }),
      from({ Host: 'a.example', 'X-Forwarded-Proto': 'https' }),
    ])
    await expectApart(await echo(true), [
      from({ Host: 'a.example:80', 'X-Forwarded-Proto': 'https' }),
      from({ Host: 'a.example:443', 'X-Forwarded-Proto': 'http' }),
      from({ Host: 'a.example', 'X-Forwarded-Proto': 'http' }),
      from({ Host: 'a.example', 'X-Forwarded-Proto': 'https' }),
    ])
  })
})

// A write whose answer is piped while it is held, behind middleware that leads 'drain' listeners elsewhere, as compression does.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { expect } from 'chai'
import express from 'express'
import { createCache } from '../../../src/express.ts'
import { get } from '../../support/http-client.ts'

describe('a held answer that is piped', () => {
  it('goes on where outer middleware took the listeners that wait for room', async () => {
    const cache = createCache()
    const app = express()
    app.use((_req, res, next) => {
      const elsewhere = new PassThrough()
      const { on } = res
      const lead = (event: string, listener: () => void) => {
        if (event !== 'drain') return Reflect.apply(on, res, [event, listener])
        elsewhere.on('drain', listener)
        return res
      }
      Object.assign(res, { on: lead, addListener: lead })
      next()
    })
    // A target that is told later keeps the first byte back.
    const target = () => new Promise<string>((resolve) => setImmediate(() => resolve('a')))
    app.get('/', cache.invalidate(target), (_req, res) => void Readable.from(['one,', 'two,', 'three']).pipe(res))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    expect((await get((server.address() as AddressInfo).port, '/')).text).to.equal('one,two,three')
    server.close()
    await cache.close()
  })
})

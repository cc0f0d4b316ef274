// A request that is sent through an application of this process: what the application sees of it, and how it ends.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { Dispatch } from '../../../src/http/detached.ts'
import { throughApp } from '../../../src/warm/through-app.ts'
import { type WarmRequests, warm } from '../../../src/warm/warm.ts'
import type { WarmOptions } from '../../../src/warm/warm-options.ts'
import { deferred } from '../../support/gate.ts'

const url = 'http://shop.test/thing'

async function reasons(dispatch: Dispatch, requests: WarmRequests = [url], options: WarmOptions = {}) {
  const told: unknown[] = []
  const onProgress: WarmOptions['onProgress'] = ({ outcome, reason }) => void told.push(`${outcome}: ${reason}`)
  await warm(requests, { ...options, onProgress }, throughApp(dispatch))
  return told
}

describe('a request through an application', () => {
  it('comes by a connection that is encrypted for https alone, from this machine', async () => {
    const seen: unknown[] = []
    const dispatch: Dispatch = (req, res) => {
      const { encrypted, remoteAddress } = req.socket as typeof req.socket & { encrypted?: boolean }
      seen.push([req.headers.host, encrypted, remoteAddress])
      res.end()
    }
    await reasons(dispatch, [url, 'https://shop.test/thing'], { concurrency: 1 })
    expect(seen).to.deep.equal([
      ['shop.test', undefined, '127.0.0.1'],
      ['shop.test', true, '127.0.0.1'],
    ])
  })

  it('has failed with what the application throws or rejects with, and others go on', async () => {
    const throwing: Dispatch = () => {
      throw new Error('of the application')
    }
    expect(await reasons(throwing, [url, url])).to.deep.equal(Array(2).fill('failed: of the application'))
    expect(await reasons(() => Promise.reject('late'))).to.deep.equal(['failed: late'])
  })

  it('leaves as a client does when its time is over', async () => {
    const closed = deferred<boolean>()
    const waiting: Dispatch = (_req, res) => void res.once('close', () => closed.resolve(res.writableEnded))
    expect(await reasons(waiting, [url], { deadline: '10ms' })).to.deep.equal(['failed: deadline'])
    expect(await closed.promise).to.equal(false)
  })

  it('has failed where its answer breaks off', async () => {
    const breaking: Dispatch = (_req, res) => {
      res.write('some')
      res.destroy()
    }
    expect(await reasons(breaking)).to.deep.equal(['failed: broken-off'])
  })

  it('takes an answer of any size, however it is written', async () => {
    const long: Dispatch = async (_req, res: ServerResponse) => {
      for (let i = 0; i < 100; i++) if (!res.write(Buffer.alloc(64 * 1024))) await once(res, 'drain')
      res.end()
    }
    expect(await reasons(long)).to.deep.equal(['notStored: no-cache-route'])
  })
})

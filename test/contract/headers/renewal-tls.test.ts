// A renewal in the background knows of its client what TLS found out: whoever is let in by that is let in again.
import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect } from 'chai'
import { sendDetached } from '../../../src/http/detached.ts'

describe('a request that is sent again', () => {
  it('has what its trigger’s connection says of the client', async () => {
    const facts = { encrypted: true, authorized: true, servername: 'shop.test' }
    const trigger = new IncomingMessage(Object.assign(new Socket(), facts))
    let seen: object | undefined
    await sendDetached(trigger, '/', (req, res) => {
      const { encrypted, authorized, servername } = req.socket as unknown as typeof facts
      seen = { encrypted, authorized, servername }
      res.end()
      return once(res, 'finish')
    })
    expect(seen).to.deep.equal(facts)
  })
})

// A client that has every announced byte may leave before the handler has ended its answer: what it got is whole.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { expressTwin, koaTwin, type Twin, trace } from '../../support/compare.ts'
import { eventually } from '../../support/gate.ts'
import { getSlowly, send } from '../../support/http-client.ts'

const unended = () => {
  const stream = new Readable({ read: () => undefined })
  stream.push('all')
  return stream
}

const twins = {
  Express: (announced: string) =>
    expressTwin((_req, res) => {
      res.setHeader('Content-Length', announced)
      res.write('all')
    }),
  Koa: (announced: string) =>
    koaTwin((ctx) => {
      ctx.body = unended()
      ctx.set('Content-Length', announced)
    }),
}

// T12
for (const [framework, start] of Object.entries(twins)) {
  describe(`an answer on ${framework} whose client has left`, () => {
    let twin: Twin
    afterEach(() => twin.stop())

    it('is stored where all that was announced had been written', async () => {
      twin = await start('3')
      expect((await send(twin.cached, '/answer')).text).to.equal('all')
      await eventually(() => expect(trace(twin.events)).to.deep.equal(['miss', 'stored']))
      expect((await send(twin.cached, '/answer')).text).to.equal('all')
      expect(trace(twin.events).at(-1)).to.equal('hit')
    })

    it('is not stored where a byte was missing', async () => {
      twin = await start('4')
      const client = await getSlowly(twin.cached, '/answer')
      client.abort()
      await eventually(() => expect(trace(twin.events)).to.deep.equal(['miss', 'client-left']))
    })
  })
}

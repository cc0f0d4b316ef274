// With `honour: 'headers'`, an unsafe request outdates all URLs that share an answer with its own: what shares a key shares the tag.
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { overFrameworks, type ReadOptions } from '../middleware.ts'
import { Page } from './page.ts'

const cases: [title: string, stored: string, written: string, options?: ReadOptions][] = [
  ['with the bypass flag off', '/page?is_not_cache=0', '/page'],
  ['with another name for the flag', '/page?fresh=0&a=1', '/page?a=1', { bypass: { param: 'fresh' } }],
  ['with parameters that make no difference', '/page?utm_source=x', '/page', { query: { ignore: ['utm_*'] } }],
  ['without those that alone make one', '/page?other=1&id=1', '/page?id=1', { query: { allow: ['id'] } }],
  ['with its parameters in another order', '/page?a=1&b=2', '/page?b=2&a=1'],
  ['with an empty query', '/page?', '/page'],
  ['with characters that URLs spell in two ways', "/page?b='1'&a=|", "/page?a=|&b='1'"],
]

overFrameworks('an unsafe request to a URL', (harness) => {
  for (const [title, stored, written, options] of cases) {
    it(`outdates what was stored ${title}`, async () => {
      const page = new Page()
      const app = await harness.start(page.tell(options))
      try {
        for (const path of [stored, written]) {
          page.answer({ 'Cache-Control': 'max-age=600' })
          await ask(app, stored)
          const { text } = await ask(app, written)
          expect(text, 'they share an answer').to.equal((await ask(app, stored)).text)
          await ask(app, path, { method: 'POST' })
          expect((await ask(app, written)).text).not.to.equal(text)
          page.answer({ 'Cache-Control': 'max-age=600', Location: path })
          const { text: second } = await ask(app, stored)
          await ask(app, '/other', { method: 'POST' })
          expect((await ask(app, written)).text).not.to.equal(second)
        }
      } finally {
        await app.stop()
      }
    })
  }

  it('that names the origin too outdates the same', async () => {
    const page = new Page()
    const app = await harness.start(page.tell())
    try {
      page.answer({ 'Cache-Control': 'max-age=600' })
      await ask(app, '/page')
      await ask(app, 'http://shop.test/page', { method: 'POST' })
      expect((await ask(app, '/page')).text).to.equal('run 3')
    } finally {
      await app.stop()
    }
  })
})

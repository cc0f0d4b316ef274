// A copied text is the same text.
import { expect } from 'chai'
import fc from 'fast-check'
import { ownText } from '../../src/text.ts'

describe('ownText', () => {
  for (const text of ['', 'short', 'exactly 12ch', 'a longer text, which is copied', 'Grüße aus Köln, 你好 😀']) {
    it(`of ${JSON.stringify(text)} is equal to it`, () => expect(ownText(text)).to.equal(text))
  }

  // A tag that changed while it was kept would not be found by its bump.
  it('is equal to any text, even to one that is not well formed', () => {
    const unit = fc.constantFrom('a', 'ü', '\xff', '你', '😀', '\ud800', '\udc00', '\0')
    fc.assert(fc.property(fc.string({ unit, maxLength: 40 }), (text) => ownText(text) === text))
  })
})

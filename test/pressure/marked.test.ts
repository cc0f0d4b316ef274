// A command replaces its own table in a document, and nothing else.
import { expect } from 'chai'
import { replaced } from './marked.ts'

describe('a table that a command writes', () => {
  const text = 'a\n<!-- chaos -->\nold\n<!-- /chaos -->\nb\n<!-- soak -->\n<!-- /soak -->\n'

  it('takes the place of the former one', () => {
    expect(replaced(text, 'chaos', '| new |')).to.equal(text.replace('old', '| new |'))
    expect(replaced(text, 'soak', 'x')).to.contain('<!-- soak -->\nx\n<!-- /soak -->\n')
  })

  it('is not lost where there is no place for it', () => {
    expect(() => replaced(text, 'other', 'x')).to.throw('There is no place for other')
    expect(() => replaced('<!-- /x --><!-- x -->', 'x', 'y')).to.throw('There is no place for x')
  })
})

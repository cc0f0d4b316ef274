// Tables have columns of one width, for people and for Markdown.
import { expect } from 'chai'
import { table } from './table.ts'

describe('a table', () => {
  it('sets text to the left and everything after the first column to the right', () => {
    expect(
      table(
        ['fault', 'reads'],
        [
          ['none', '1,000'],
          ['kill-app', '7'],
        ],
      ),
    ).to.equal(
      ['| fault    | reads |', '| -------- | ----: |', '| none     | 1,000 |', '| kill-app |     7 |'].join('\n'),
    )
  })
})

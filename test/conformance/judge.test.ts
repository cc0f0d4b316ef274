// A test counts only if it passed itself and those it builds on did.
import { expect } from 'chai'
import { judge } from './judge.ts'
import type { Test } from './suite.ts'

const test = (id: string, ...needs: string[]): Test => ({ id, kind: 'required', needs })

describe('judge', () => {
  it('tells why a test did not pass', () => {
    const verdicts = judge([test('a'), test('b'), test('c'), test('d')], {
      a: true,
      b: ['Assertion', 'came from cache'],
      c: ['Setup', 'retry'],
    })
    expect(Object.fromEntries(verdicts)).to.deep.equal({
      a: undefined,
      b: 'came from cache',
      c: 'Setup: retry',
      d: 'was not run',
    })
  })

  it('lets none pass that builds on one that did not, however far down', () => {
    const verdicts = judge(
      [test('top', 'middle'), test('middle', 'ground'), test('ground'), test('other', 'unknown')],
      {
        top: true,
        middle: true,
        ground: ['Assertion', 'no'],
        other: true,
      },
    )
    expect(Object.fromEntries(verdicts)).to.deep.equal({
      top: 'needs middle',
      middle: 'needs ground',
      ground: 'no',
      other: 'needs unknown',
    })
  })
})

// How far a command is, on a terminal and elsewhere.
import { expect } from 'chai'
import { progressOn } from '../../../src/cli/progress.ts'
import type { WarmProgress } from '../../../src/warm/warm-result.ts'

function shown(isTTY: boolean, quiet: boolean, told: readonly Partial<WarmProgress>[]): string {
  let text = ''
  const stderr = { isTTY, write: (more: string) => (text += more) }
  const progress = progressOn({ stderr } as never, quiet)
  for (const [i, one] of told.entries()) {
    progress.told({
      done: i + 1,
      total: told.length,
      url: `/${i}`,
      outcome: 'stored',
      status: 200,
      reason: undefined,
      ...one,
    })
  }
  progress.over()
  return text
}

const failing = [{}, { outcome: 'failed', reason: 'deadline' }, { outcome: 'notStored', reason: undefined }] as const

describe('progress', () => {
  it('is a line for each tenth where nobody looks at a terminal', () => {
    const told = Array.from({ length: 40 }, () => ({}))
    expect(shown(false, false, told).split('\n')).to.have.length(11)
    expect(shown(false, false, told)).to.match(/^4\/40\n8\/40\n/)
  })

  it('is a line for each thousand where nobody knows how many there are', () => {
    const told = Array.from({ length: 2_500 }, () => ({ total: undefined }))
    expect(shown(false, false, told)).to.equal('1000\n2000\n')
  })

  it('has a line of its own for what failed or was not stored', () => {
    expect(shown(false, false, failing)).to.equal('failed      /1  deadline\nnot stored  /2  200\n')
  })

  it('is a bar on a terminal, drawn over itself and gone at the end', () => {
    const [first, , third, ...rest] = shown(true, false, failing).split('\r\x1b[K').slice(1)
    expect(first).to.equal('[########----------------] 1/3')
    expect(third).to.equal('[################--------] 2/3')
    expect(rest.at(-1)).to.equal('')
    expect(shown(true, false, failing)).to.include('\r\x1b[Kfailed      /1  deadline\n')
  })

  it('tells of failures alone when it is quiet, on a terminal too', () => {
    for (const isTTY of [true, false]) expect(shown(isTTY, true, failing)).to.equal('failed      /1  deadline\n')
  })
})

// When a value became old, for everyone and for the process that wrote.
import { expect } from 'chai'
import { history, write } from './hand-written.ts'
import { Overwrites } from './overwrites.ts'

describe('the overwrites of a tag', () => {
  const overwrites = new Overwrites(
    history({
      writes: [
        write({ value: 1, start: 10, end: 20 }),
        write({ value: 2, start: 30, end: 90, process: 'B' }),
        write({ value: 3, start: 50, end: 60 }),
        write({ value: 4, start: 95, end: Number.POSITIVE_INFINITY, status: 0 }),
      ],
    }),
  )

  it('are told by the first acknowledgement of any later value', () => {
    expect(overwrites.everywhere('t', 0)?.from).to.equal(20)
    expect(overwrites.everywhere('t', 1)?.from).to.equal(60)
    expect(overwrites.everywhere('t', 2)?.write.value).to.equal(3)
  })

  it('do not exist for the last value that was acknowledged, nor for other tags', () => {
    expect(overwrites.everywhere('t', 3)).to.equal(undefined)
    expect(overwrites.everywhere('other', 0)).to.equal(undefined)
  })

  it('are told to a process by its own writes alone', () => {
    expect(overwrites.onProcess({ process: 'B', tag: 't', value: 1 })?.from).to.equal(90)
    expect(overwrites.onProcess({ process: 'A', tag: 't', value: 1 })?.from).to.equal(60)
    expect(overwrites.onProcess({ process: 'C', tag: 't', value: 0 })).to.equal(undefined)
  })
})

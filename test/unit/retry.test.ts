// Trying again: how often, after which waits, and what is not repeated.
import { expect } from 'chai'
import type { Clock } from '../../src/clock.ts'
import { retried } from '../../src/retry.ts'
import { unhandledDuring } from '../support/unhandled.ts'

const rules = { attempts: 4, min: 1_000, max: 3_000, when: () => true }

describe('an attempt that fails', () => {
  let waits: number[]
  let made: number
  const clock: Clock = {
    now: () => 0,
    after(ms, action) {
      waits.push(ms)
      action()
      return () => undefined
    },
    turn: (action) => action(),
  }
  const failing = async () => {
    throw new Error(`no ${++made}`)
  }

  beforeEach(() => {
    waits = []
    made = 0
  })

  it('is made again after waits that double up to the longest, and rejects with its last error', async () => {
    const rejected = await retried({ clock, random: () => 0 }, rules, failing).catch((error: Error) => error.message)
    expect(rejected).to.equal('no 4')
    expect(waits).to.deep.equal([1_000, 2_000, 3_000])
  })

  it('waits half as long at least', async () => {
    await retried({ clock, random: () => 1 }, rules, failing).catch(() => undefined)
    expect(waits).to.deep.equal([500, 1_000, 1_500])
  })

  it('is not made again once it succeeds', async () => {
    const attempt = async () => (++made < 3 ? Promise.reject(new Error('no')) : made)
    expect(await retried({ clock, random: () => 0 }, rules, attempt)).to.equal(3)
    expect(waits).to.have.length(2)
  })

  const once: [what: string, rules: Parameters<typeof retried>[1], mayRetry: () => boolean][] = [
    ['without rules', undefined, () => true],
    ['where the condition says no', { ...rules, when: () => false }, () => true],
    [
      'where the condition throws',
      {
        ...rules,
        when: () => {
          throw new Error('broken')
        },
      },
      () => true,
    ],
    ['where nothing may repeat it', rules, () => false],
  ]
  // T72
  it('is made once where the condition rejects, and no rejection is left to end the process', async () => {
    const when = (async () => {
      throw new Error('broken')
    }) as never
    const attempts = () => retried({ clock, random: () => 0 }, { ...rules, when }, failing).catch(() => undefined)
    expect(await unhandledDuring(attempts)).to.deep.equal([])
    expect(made).to.equal(1)
  })

  for (const [what, given, mayRetry] of once) {
    it(`is made once ${what}`, async () => {
      await retried({ clock, random: () => 0 }, given, failing, mayRetry).catch(() => undefined)
      expect([made, waits.length]).to.deep.equal([1, 0])
    })
  }
})

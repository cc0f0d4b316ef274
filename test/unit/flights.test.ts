// One run for many: who may wait, how a flight ends, and that it always does.
import { expect } from 'chai'
import fc from 'fast-check'
import sinon from 'sinon'
import { monotonicClock } from '../../src/clock.ts'
import { answerOf, type Boarding, boarding, Flights, failureOf, type Landing } from '../../src/flights.ts'

const versions = (...tokens: string[]) => ({ tags: tokens.map((_, i) => `t${i}`), tokens })

describe('a flight', () => {
  let flights: Flights<string>
  let time: sinon.SinonFakeTimers

  beforeEach(() => {
    time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    flights = new Flights<string>(monotonicClock)
  })
  afterEach(() => time.restore())

  it('is found by its key until it lands', () => {
    const flight = flights.start('key', versions('1'), 1_000)
    expect(flights.get('key')).to.equal(flight)
    expect(flights.get('other')).to.equal(undefined)
    expect(flights.size).to.equal(1)
    flight.land('alone')
    expect(flights.get('key')).to.equal(undefined)
    expect(flights.size).to.equal(0)
  })

  it('lands once, for those who wait and those who come later', async () => {
    const flight = flights.start('key', undefined, 1_000)
    const early = flight.follow()
    flight.land({ answer: 'first' })
    flight.land('alone')
    expect(await Promise.all([early, flight.follow()])).to.deep.equal([{ answer: 'first' }, { answer: 'first' }])
    expect(flight.followers).to.equal(2)
  })

  // T51
  it('lands by itself at its deadline: everyone goes on alone', async () => {
    const flight = flights.start('key', undefined, 30_000)
    const following = flight.follow()
    time.tick(29_999)
    expect(flights.size).to.equal(1)
    time.tick(1)
    expect(flights.size).to.equal(0)
    expect(await following).to.equal('alone')
  })

  it('leaves no timer behind when it lands', () => {
    flights.start('key', undefined, 30_000).land('again')
    expect(time.countTimers()).to.equal(0)
  })

  // T56
  it('that is replaced keeps its followers, and its end does not end the new one', async () => {
    const old = flights.start('key', versions('1'), 1_000)
    const following = old.follow()
    const fresh = flights.start('key', versions('2'), 1_000)
    expect(flights.get('key')).to.equal(fresh)
    old.land({ answer: 'old' })
    expect(await following).to.deep.equal({ answer: 'old' })
    expect(flights.get('key')).to.equal(fresh)
  })

  it('that is replaced still has its deadline', async () => {
    const following = flights.start('key', versions('1'), 1_000).follow()
    flights.start('key', versions('2'), 5_000)
    time.tick(1_000)
    expect(await following).to.equal('alone')
    expect(flights.size).to.equal(1)
  })

  it('that is closed takes nobody in and keeps those who wait', async () => {
    const flight = flights.start('key', undefined, 1_000)
    const following = flight.follow()
    flight.close()
    expect(flights.get('key')).to.equal(undefined)
    flight.land({ answer: 'mine' })
    expect(await following).to.deep.equal({ answer: 'mine' })
  })

  it('that is closed does not close the next one of its key', () => {
    const old = flights.start('key', undefined, 1_000)
    const fresh = flights.start('key', undefined, 1_000)
    old.close()
    expect(flights.get('key')).to.equal(fresh)
  })

  // T42
  it('may have any key', () => {
    for (const key of ['__proto__', 'constructor', '']) {
      expect(flights.get(key)).to.equal(undefined)
      flights.start(key, undefined, 1_000).land('alone')
    }
    expect(flights.size).to.equal(0)
  })

  it('is without versions until they have been read', () => {
    const flight = flights.start('key', undefined, 1_000)
    expect(flight.versions).to.equal(undefined)
    flight.learn(versions('1'))
    expect(flight.versions).to.deep.equal(versions('1'))
  })

  // T53
  it('is gone after any storm of starts, ends and deadlines, and nobody waits for ever', async () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b'), end: fc.constantFrom('land', 'close', 'late') })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const following = steps.map(({ key, end }) => {
          const flight = flights.start(key, undefined, 1_000)
          if (end === 'land') queueMicrotask(() => flight.land({ answer: key }))
          if (end === 'close') flight.close()
          return flight.follow()
        })
        await Promise.resolve()
        time.tick(1_000)
        expect(await Promise.all(following)).to.have.length(steps.length)
        expect([flights.size, time.countTimers()]).to.deep.equal([0, 0])
      }),
      { numRuns: 50 },
    )
  })
})

describe('a flight that still reads its versions', () => {
  it('tells those who wait for them, also that it will never know', async () => {
    const flights = new Flights<string>(monotonicClock)
    for (const end of ['learn', 'close', 'land'] as const) {
      const flight = flights.start('key', undefined, 1_000)
      let told = false
      const learned = flight.learned.then(() => (told = true))
      await new Promise(setImmediate)
      expect(told).to.equal(false)
      if (end === 'learn') flight.learn(versions('1'))
      else if (end === 'land') flight.land('again')
      else flight.close()
      await learned
      flight.land('again')
    }
  })
})

describe('flights of several versions of one key', () => {
  // C4
  it('fly side by side: one of former versions pushes none out, and each is found by its own', () => {
    const flights = new Flights<string>(monotonicClock)
    const newer = flights.start('key', versions('2'), 1_000)
    const older = flights.start('key', versions('1'), 1_000)
    expect(flights.get('key', versions('2'))).to.equal(newer)
    expect(flights.get('key', versions('1'))).to.equal(older)
    const reading = flights.start('key', undefined, 1_000)
    expect(flights.get('key', versions('2'))).to.equal(newer)
    expect(flights.get('key', versions('3'))).to.equal(reading)
    for (const flight of [older, reading]) flight.land('again')
    expect(flights.get('key')).to.equal(newer)
    newer.land('again')
    expect(flights.size).to.equal(0)
  })
})

describe('boarding', () => {
  type Known = ReturnType<typeof versions> | undefined
  const decide = (flying: Known, followers: number, known: Known, most = 5, began?: 'before' | 'after') => {
    const flights = new Flights<string>(monotonicClock)
    const flight = Object.assign(flights.start('key', flying, 1), { followers })
    flight.close()
    const limits = { before: flight.startedAt + 1, after: flight.startedAt }
    return boarding(flight, known, most, began && limits[began])
  }
  const cases: [name: string, decision: Boarding, expected: Boarding][] = [
    ['no flight', boarding(undefined, versions('1'), 5), 'lead'],
    ['no flight, while it still reads', boarding(undefined, undefined, 5), 'lead'],
    ['equal versions', decide(versions('1', '2'), 0, versions('1', '2')), 'follow'],
    ['another token', decide(versions('1', '2'), 0, versions('1', '3')), 'lead'],
    ['more tags', decide(versions('1'), 0, versions('1', '2')), 'lead'],
    ['fewer tags', decide(versions('1', '2'), 0, versions('1')), 'lead'],
    ['other tags with the same tokens', decide(versions('1'), 0, { tags: ['other'], tokens: ['1'] }), 'lead'],
    ['a flight that still reads', decide(undefined, 0, versions('1')), 'follow'],
    ['a flight that still reads, as it does itself', decide(undefined, 0, undefined), 'follow'],
    ['a flight that has read, while it still reads', decide(versions('1'), 0, undefined), 'read-first'],
    // T54
    ['the last place', decide(versions('1'), 4, versions('1')), 'follow'],
    ['a full flight', decide(versions('1'), 5, versions('1')), 'alone'],
    ['a full flight that still reads', decide(undefined, 5, undefined), 'alone'],
    ['a route where nobody waits', decide(versions('1'), 0, versions('1'), 0), 'alone'],
  ]
  // C1: what a flight read was asked for before this request came, perhaps before a write that it must see.
  const strong = (flying: Known, followers: number, known: Known, most?: number) =>
    decide(flying, followers, known, most, 'before')
  const strongCases: typeof cases = [
    ['no flight', boarding(undefined, versions('1'), 5, 1), 'lead'],
    ['no flight, while it still reads', boarding(undefined, undefined, 5, 1), 'lead'],
    ['equal versions', strong(versions('1', '2'), 0, versions('1', '2')), 'follow'],
    ['another token', strong(versions('1', '2'), 0, versions('1', '3')), 'lead'],
    ['more tags', strong(versions('1'), 0, versions('1', '2')), 'lead'],
    ['fewer tags', strong(versions('1', '2'), 0, versions('1')), 'lead'],
    ['a flight that still reads', strong(undefined, 0, versions('1')), 'wait'],
    ['a flight that still reads, as it does itself', strong(undefined, 0, undefined), 'read-first'],
    ['a flight that began to read after it came', decide(undefined, 0, undefined, 5, 'after'), 'follow'],
    ['a flight that has read, while it still reads', strong(versions('1'), 0, undefined), 'read-first'],
    // T54
    ['the last place', strong(versions('1'), 4, versions('1')), 'follow'],
    ['a full flight', strong(versions('1'), 5, versions('1')), 'alone'],
    ['a full flight that still reads', strong(undefined, 5, undefined), 'alone'],
    ['a route where nobody waits', strong(versions('1'), 0, versions('1'), 0), 'alone'],
  ]
  for (const [name, decision, expected] of cases) {
    it(`answers ${expected} to ${name}`, () => expect(decision).to.equal(expected))
  }
  for (const [name, decision, expected] of strongCases) {
    it(`answers ${expected} to ${name}, with strong consistency`, () => expect(decision).to.equal(expected))
  }
})

describe('the end of a flight', () => {
  const cases: readonly [Landing<string>, string | undefined, number | undefined][] = [
    [{ answer: 'page' }, 'page', undefined],
    [{ answer: '' }, '', undefined],
    [{ failure: 503 }, undefined, 503],
    ['again', undefined, undefined],
    ['alone', undefined, undefined],
  ]
  for (const [landing, answer, failure] of cases) {
    it(`is an answer, a failure or neither: ${JSON.stringify(landing)}`, () => {
      expect([answerOf(landing), failureOf(landing)]).to.deep.equal([answer, failure])
    })
  }
})

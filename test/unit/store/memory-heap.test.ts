// The bytes that L1 counts are those it holds: measured in a child process that collects its garbage.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Filled, Filling } from '../fixtures/fill-memory.ts'

const script = fileURLToPath(new URL('../fixtures/fill-memory.ts', import.meta.url))

async function fill(filling: Filling): Promise<Filled> {
  const args = ['--expose-gc', '--import', 'tsx/esm', script, JSON.stringify(filling)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

// T77, DESIGN invariant 6
describe('the bytes of a memory store', () => {
  const mb = 1024 ** 2
  const cases: [name: string, filling: Filling][] = [
    ['tiny entries', { fields: 0, bodyBytes: 2, maxBytes: 8 * mb, times: 2, source: 'run', ownTags: 0 }],
    ['tiny entries with tags', { fields: 0, bodyBytes: 2, maxBytes: 8 * mb, times: 2, source: 'run', ownTags: 1 }],
    ['tiny entries from Redis', { fields: 0, bodyBytes: 2, maxBytes: 8 * mb, times: 2, source: 'redis', ownTags: 1 }],
    ['10 fields, 2 KB', { fields: 10, bodyBytes: 2_048, maxBytes: 16 * mb, times: 2, source: 'run', ownTags: 1 }],
    [
      '10 fields, 2 KB, from Redis',
      { fields: 10, bodyBytes: 2_048, maxBytes: 16 * mb, times: 2, source: 'redis', ownTags: 1 },
    ],
    ['100 KB', { fields: 4, bodyBytes: 102_400, maxBytes: 48 * mb, times: 4, source: 'run', ownTags: 0 }],
    // A slice of a text keeps the whole text alive, unless it is copied.
    [
      'values cut out of large texts',
      { fields: 2, bodyBytes: 2, maxBytes: 1 * mb, times: 2, source: 'slices', ownTags: 0 },
    ],
  ]
  // A coded body is one more object with memory of its own.
  cases.push([
    '10 fields, 2 KB, two coded bodies',
    { fields: 10, bodyBytes: 2_048, codedBytes: 700, maxBytes: 16 * mb, times: 2, source: 'run', ownTags: 1 },
  ])
  cases.push([
    'tiny entries, two tiny coded bodies',
    { fields: 0, bodyBytes: 2, codedBytes: 8, maxBytes: 8 * mb, times: 2, source: 'run', ownTags: 0 },
  ])
  const tiny = { fields: 0, bodyBytes: 2, maxBytes: 8 * mb, times: 2, source: 'run', ownTags: 0 } as const
  cases.push(['tiny entries that share two bounds with others', { ...tiny, grouped: true }])
  cases.push(['one variant of each URL', { ...tiny, times: 4, varied: true }])
  cases.push(['one variant of each URL, sharing two bounds', { ...tiny, times: 4, varied: true, grouped: true }])
  for (const [name, filling] of cases) {
    it(`are never exceeded by more than 5 % after several times as much was written: ${name}`, async function () {
      this.timeout(120_000)
      const { counted, held, entries, evictions } = await fill(filling)
      expect(evictions).to.be.greaterThan(0)
      expect(entries).to.be.greaterThan(10)
      expect(counted).to.be.within(0.85 * filling.maxBytes, filling.maxBytes)
      expect(held / counted, 'held / counted').to.be.at.most(1.05)
      // Counting far more than is held would waste the memory the user gave.
      expect(held / counted, 'held / counted').to.be.at.least(0.6)
    })
  }
})

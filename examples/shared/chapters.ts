/** The tour as data: what is asked, and what tiercache must do. */
import type { Message } from './client.ts'

export interface Step extends Message {
  /** How many clients ask at the same moment. @default 1 */
  times?: number
  /** Which of the servers is asked. @default 'first' */
  server?: 'first' | 'second'
  /** How long the step may be asked again until it is as expected, in ms. @default 0 */
  within?: number
  expected: Expected
}

export interface Expected {
  outcome: string
  tier?: 'l1' | 'l2'
  runs: number
  /** What every body must contain. */
  shows?: string
}

export interface Chapter {
  title: string
  steps: readonly Step[]
}

const list = '/countries?region=Asia&sort=area'
const kazakhstan = '/countries/KAZ'
const stats = '/regions/stats'

const miss = { outcome: 'miss', runs: 1 }
const hit = { outcome: 'hit', tier: 'l1', runs: 0 } as const
const bump = { outcome: 'bump', runs: 1 }

/** What every tour shows. */
export const oneServer: readonly Chapter[] = [
  {
    title: 'The first reader waits for PostgreSQL; the next ones read memory.',
    steps: [get(list, { ...miss, shows: 'Astana' }), get(list, { ...hit, shows: 'Astana' })],
  },
  {
    title: 'The order of the parameters does not matter, their values do.',
    steps: [get('/countries?sort=area&region=Asia', hit), get('/countries?region=Africa&sort=area', miss)],
  },
  {
    title: 'is_not_cache=1 asks the handler, and leaves the entry as it is.',
    steps: [get(`${list}&is_not_cache=1`, { outcome: 'bypass', runs: 1 }), get(list, hit)],
  },
  {
    title: 'Kazakhstan renames its capital: the write invalidates what it changed, before it answers.',
    steps: [
      get(kazakhstan, { ...miss, shows: 'Astana' }),
      get(kazakhstan, { ...hit, shows: 'Astana' }),
      put('Nur-Sultan'),
      get(kazakhstan, { ...miss, shows: 'Nur-Sultan' }),
      get(kazakhstan, { ...hit, shows: 'Nur-Sultan' }),
      get(list, { ...miss, shows: 'Nur-Sultan' }),
    ],
  },
  {
    title: 'Fifty readers at the same moment, nothing cached: one handler run answers them all.',
    steps: [{ ...get(stats, { outcome: '1 miss, 49 collapsed', runs: 1 }), times: 50 }, get(stats, hit)],
  },
]

/** What a second server on the same Redis adds. */
export const twoServers: readonly Chapter[] = [
  {
    title: 'A second server, on the same Redis: it starts warm, ...',
    steps: [onSecond(get(list, { ...hit, tier: 'l2', shows: 'Nur-Sultan' })), onSecond(get(list, hit))],
  },
  {
    title: '... and a write there is seen here.',
    steps: [
      get(kazakhstan, hit),
      onSecond(put('Astana')),
      { ...get(kazakhstan, { ...miss, shows: 'Astana' }), within: 1_000 },
    ],
  },
]

function get(path: string, expected: Expected): Step {
  return { method: 'GET', path, expected }
}

function put(capital: string): Step {
  return { method: 'PUT', path: kazakhstan, json: { capital }, expected: { ...bump, shows: capital } }
}

function onSecond(step: Step): Step {
  return { ...step, server: 'second' }
}

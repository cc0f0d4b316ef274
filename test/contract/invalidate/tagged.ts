// What a test of route names asks: which tags an answer carries, found out by bumping them.
import { expect } from 'chai'
import type { CacheEvent } from '../../../src/observe/events.ts'
import type { BumpResult } from '../../../src/versions/versions.ts'
import { get } from '../../support/http-client.ts'
import { eventsOf } from '../starting.ts'

/** A route of some application and the tags that its answers must have, or must not have. */
export interface Tagged {
  readonly path: string
  /** Its own names; `*` is expected of every answer. */
  readonly carries: readonly string[]
  readonly lacks?: readonly string[]
  /** What events call the route, where it is not the first name. */
  readonly name?: string
}

/** Asserts the tags of an answer: a bump of each it carries makes the next request a miss, any other leaves a hit. */
export async function expectTags(
  port: number,
  cache: { bump(...tags: string[]): Promise<BumpResult> },
  events: readonly CacheEvent[],
  { path, carries, lacks = [], name = carries[0]! }: Tagged,
): Promise<void> {
  const ask = async () => {
    expect((await get(port, path)).status).to.equal(200)
    return eventsOf({ events: [...events] }, 'request').at(-1)!
  }
  expect(await ask()).to.include({ outcome: 'miss', route: name })
  for (const tag of [...lacks, '/unheard-of']) {
    await cache.bump(tag)
    expect((await ask()).outcome, `after a bump of ${tag}`).to.equal('hit')
  }
  for (const tag of [...carries, '*']) {
    await cache.bump(tag)
    expect((await ask()).outcome, `after a bump of ${tag}`).to.equal('miss')
    expect((await ask()).outcome, `stored again after a bump of ${tag}`).to.equal('hit')
  }
}

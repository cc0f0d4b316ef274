// Two requests after one another: whether the second is answered by what the first one left.
import { expect } from 'chai'
import { type Answer, type SendOptions, send } from '../../support/http-client.ts'
import type { Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'

/** A request: its path, or more. */
export type Sent = string | (SendOptions & { readonly path: string })

/** Sends one after another. */
export async function sendAll(app: Running, requests: readonly Sent[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const request of requests) {
    const { path, ...options } = typeof request === 'string' ? { path: request } : request
    answers.push(await send(app.port, path, options))
  }
  return answers
}

/** Asserts that all of them are one to the cache: one run, one key. */
export async function expectShared(app: Running, requests: readonly Sent[]): Promise<void> {
  const before = app.events.length
  const answers = await sendAll(app, requests)
  const told = eventsOf({ events: app.events.slice(before) }, 'request')
  expect(told.map(({ outcome }) => outcome)).to.deep.equal(['miss', ...requests.slice(1).map(() => 'hit')])
  expect(new Set(told.map(({ key }) => key)).size).to.equal(1)
  expect(new Set(answers.map(({ text }) => text)).size).to.equal(1)
}

/** Asserts that none of them is answered by what another left, cold or warm. */
export async function expectApart(app: Running, requests: readonly Sent[]): Promise<void> {
  const before = app.events.length
  const cold = await sendAll(app, requests)
  const warm = await sendAll(app, requests)
  const told = eventsOf({ events: app.events.slice(before) }, 'request')
  expect(told.map(({ outcome }) => outcome)).to.deep.equal([
    ...requests.map(() => 'miss'),
    ...requests.map(() => 'hit'),
  ])
  expect(new Set(told.map(({ key }) => key)).size).to.equal(requests.length)
  expect(warm.map(({ text }) => text)).to.deep.equal(cold.map(({ text }) => text))
}

/** Entries as binary frames: a format byte, the length of a JSON head, the head, the body's raw bytes. */
import type { Entry } from '../entry.ts'
import { assertHead, type FrameHead } from './frame-head.ts'

/** Changes with every change of the layout: frames of another format are misses. */
const FORMAT = 2
const PREFIX = 5

/**
 * Packs an entry for a store outside this process. Durations only: no instant of one machine means anything on another.
 *
 * @param now the instant of packing
 */
export function encode(entry: Entry, now: number): Buffer {
  const { response, versions, via } = entry
  const head: FrameHead = {
    status: response.status,
    message: response.statusMessage,
    headers: response.headers,
    removed: response.removed,
    via,
    tags: versions.tags,
    tokens: versions.tokens,
    selection: entry.selection,
    variants: entry.variants,
    policy: entry.policy,
    cost: entry.cost === undefined ? undefined : Math.round(entry.cost),
    age: Math.max(0, Math.ceil(now - entry.storedAt)),
    fresh: Math.floor(entry.staleAt - now),
    life: Math.floor(entry.expiresAt - now),
    length: response.body.length,
  }
  const json = Buffer.from(JSON.stringify(head))
  const prefix = Buffer.allocUnsafe(PREFIX)
  prefix.writeUInt8(FORMAT, 0)
  prefix.writeUInt32BE(json.length, 1)
  return Buffer.concat([prefix, json, response.body])
}

/**
 * Unpacks a frame.
 *
 * @param remaining milliseconds of life the frame has left in the store it came from
 * @param now the instant before the store was asked: lives are counted from there, so they never grow
 * @throws Error that says what is wrong with the frame
 */
export function decode(frame: Buffer, remaining: number, now: number): Entry {
  if (frame.length < PREFIX || frame.readUInt8(0) !== FORMAT) throw new Error('not a frame of this format')
  const start = PREFIX + frame.readUInt32BE(1)
  if (start > frame.length) throw new Error('truncated head')
  const head: unknown = JSON.parse(frame.toString('utf8', PREFIX, start))
  assertHead(head)
  if (frame.length - start !== head.length) throw new Error('truncated body')
  const left = Math.min(remaining, head.life)
  const elapsed = head.life - left
  // Memory of its own: the frame may be a slice of a larger network buffer.
  const body = Buffer.allocUnsafeSlow(head.length)
  frame.copy(body, 0, start)
  const phrase = head.message === undefined ? {} : { statusMessage: head.message }
  return {
    response: { status: head.status, ...phrase, headers: head.headers, removed: head.removed, body },
    via: head.via,
    storedAt: now - head.age - elapsed,
    staleAt: now + head.fresh - elapsed,
    expiresAt: now + left,
    versions: { tags: head.tags, tokens: head.tokens },
    selection: head.selection,
    variants: head.variants,
    policy: head.policy,
    cost: head.cost,
  }
}

/** How large a Bloom filter is, and where in it an id leaves its mark. */
import { createHash, hash } from 'node:crypto'
import { expected } from '../../errors.ts'

/** Bits for each of several parts, and how many of them one id sets. */
export interface Layout {
  readonly segments: number
  /** Bits of one segment. */
  readonly bits: number
  readonly hashes: number
}

/** The layout of a filter in Redis, with the head that each of its segments begins with. */
export interface FilterLayout extends Layout {
  readonly size: number
  readonly errorRate: number
  /** Bytes of one segment without its head. */
  readonly bytes: number
  /** Names the parameters: 96 characters that BITOP leaves as they are, since all that is joined begins with the same ones. */
  readonly head: string
}

/** Bytes of a head. */
export const HEAD_BYTES = 96

/** Bytes of a segment at most: with its head and what Redis adds it fits the allocator's 64 KB, where one large value would be rounded up by a fifth. */
const SEGMENT_BYTES = 65_536 - 256
/** 512 MB, which is much for one slot of a Cluster. */
const MOST_SEGMENTS = 8_192

/** Bits and hashes for `size` ids at this rate of false positives: m = −n·ln p / ln² 2, k = m/n · ln 2 (Bloom 1970). */
export function bloomLayout(size: number, errorRate: number): Layout {
  const bits = Math.ceil((-size * Math.log(errorRate)) / Math.LN2 ** 2)
  return { segments: 1, bits, hashes: Math.max(1, Math.round((bits / size) * Math.LN2)) }
}

/**
 * The same in segments that each fit one small value. An id lies in one segment, so asking for it is one command on one key.
 *
 * @throws CacheConfigError for more than 512 MB
 */
export function filterLayout(size: number, errorRate: number): FilterLayout {
  const { bits: total, hashes } = bloomLayout(size, errorRate)
  const segments = Math.ceil(total / 8 / SEGMENT_BYTES)
  if (segments > MOST_SEGMENTS)
    throw expected(
      'invalid-size',
      'size',
      `one whose filter takes at most 512 MB at an errorRate of ${errorRate}`,
      size,
    )
  const bits = Math.ceil(total / segments)
  const text = `tiercache bloom 1 bitmap size=${size} errorRate=${errorRate}`
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const head = `${mark} ${text}`.padEnd(HEAD_BYTES, ' ')
  return Object.freeze({ segments, bits, hashes, size, errorRate, bytes: Math.ceil(bits / 8), head })
}

/**
 * Writes the positions of an id into `positions`, by double hashing (Kirsch & Mitzenmacher 2008, with the cubic term of Dillinger &
 * Manolios 2004, which small filters need) over 96 bits of SHA-256.
 *
 * @returns its segment
 */
export function positionsOf(id: string, { segments, bits, hashes }: Layout, positions: number[]): number {
  // As a string of bytes: three times as fast as a buffer.
  const digest = hash('sha256', id, 'binary')
  let at = word(digest, 0) % bits
  let step = word(digest, 4) % bits
  for (let i = 0; i < hashes; i++) {
    positions[i] = at
    at = (at + step) % bits
    step = (step + i + 1) % bits
  }
  positions.length = hashes
  return segments === 1 ? 0 : word(digest, 8) % segments
}

/** 32 bits of a string of bytes. */
function word(digest: string, at: number): number {
  const low = digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8) | (digest.charCodeAt(at + 2) << 16)
  return (low | (digest.charCodeAt(at + 3) << 24)) >>> 0
}

// Histories written by hand, for the tests of the checkers: every part has a default, times are milliseconds.
import type { History, Label, Promised, Read, Run, Write } from '../history.ts'

export const bounded: Promised = { name: 'bounded', bound: 1_000, maxStale: 3_000, lock: 'process' }
export const strong: Promised = { name: 'strong', bound: 0, maxStale: 0, lock: 'process' }
export const fleet: Promised = { name: 'fleet', bound: 1_000, maxStale: 3_000, lock: 'fleet' }

export const hit: Label = { outcome: 'hit l1', degraded: false, stored: false }
export const degradedHit: Label = { outcome: 'hit l1', degraded: true, stored: false }
export const miss: Label = { outcome: 'miss', degraded: false, stored: true }

/** A request that begins and ends at once, on the process A. */
const request = { id: 0, process: 'A', session: 's', tag: 't', start: 0, status: 200 }

/** A reading, by default out of memory. */
export function read(parts: Partial<Read> & Pick<Read, 'value' | 'start'>): Read {
  return { ...request, op: 'read', route: bounded, label: hit, end: parts.start, ...parts }
}

/** A write that Redis confirmed, by default. */
export function write(parts: Partial<Write> & Pick<Write, 'value' | 'start'>): Write {
  const { start, value } = parts
  return {
    ...request,
    id: value,
    op: 'write',
    mode: 'after',
    applied: 'everywhere',
    committedAt: start,
    end: start,
    ...parts,
  }
}

/** A run of the path of `bounded` on the process A. */
export function run(parts: Partial<Run> & Pick<Run, 'request' | 'from' | 'until'>): Run {
  return { process: 'A', fingerprint: '/bounded/t', tag: 't', ...parts }
}

/** A history in which nothing else happened. */
export function history(parts: Partial<History>): History {
  return {
    reads: [],
    writes: [],
    runs: [],
    births: new Map([
      ['A', -10_000],
      ['B', -10_000],
    ]),
    interruptions: [],
    troubles: [],
    outages: [],
    upheavals: [],
    quietSince: undefined,
    ...parts,
  }
}

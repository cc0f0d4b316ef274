/** Fills caches before clients ask: sends requests through something, a bounded number at a time, and counts what became of them. */
import { expected } from '../errors.ts'
import { attempt } from '../maybe.ts'
import { each, type Items } from './each.ts'
import { checkedWarmOptions, type WarmOptions, type WarmPlan } from './warm-options.ts'
import { type WarmRequest, type WarmTarget, warmTarget } from './warm-request.ts'
import type { WarmEnd, WarmOutcome, WarmResult } from './warm-result.ts'

/** Sends one request, and gives up when the signal says so: rejects then, and with whatever keeps an answer from coming. */
export type Send = (target: WarmTarget, signal: AbortSignal) => Promise<WarmEnd>

/** A source of requests; where it is an array, all of it is checked before the first one is sent. */
export type WarmRequests = Items<WarmRequest>

/**
 * Sends GET requests so that their answers are stored. A request that fails is counted, and nothing is thrown for it.
 *
 * @throws CacheConfigError for wrong options, and for what is no request
 */
export async function warm(requests: WarmRequests, options: WarmOptions | undefined, send: Send): Promise<WarmResult> {
  const plan = checkedWarmOptions(options)
  requireItems(requests)
  const read = (request: WarmRequest) => warmTarget(request, plan.headers)
  const known = Array.isArray(requests) ? requests.map(read) : undefined
  const counts: Record<WarmOutcome, number> = { stored: 0, hit: 0, notStored: 0, failed: 0 }
  const underWay = new Set<AbortController>()
  const startedAt = performance.now()
  let done = 0

  async function sendOne(target: WarmTarget): Promise<void> {
    const leaving = new AbortController()
    underWay.add(leaving)
    const end = await ending(target, plan.deadline, leaving, send)
    underWay.delete(leaving)
    counts[end.outcome]++
    done++
    tell(plan, { ...end, done, total: known?.length, url: target.url })
  }

  const abort = () => {
    for (const leaving of underWay) leaving.abort('aborted')
  }
  const { signal, concurrency } = plan
  signal?.addEventListener('abort', abort, { once: true })
  try {
    if (known !== undefined) await each(known, concurrency, sendOne, signal)
    else await each(requests, concurrency, async (request) => sendOne(read(request)), signal)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  return Object.freeze({ total: done, ...counts, ms: performance.now() - startedAt })
}

/** What one request comes to, within its time. */
async function ending(target: WarmTarget, ms: number, leaving: AbortController, send: Send): Promise<WarmEnd> {
  // It keeps the process alive as a client would.
  const timer = setTimeout(() => leaving.abort('deadline'), Math.min(ms, LONGEST_TIMER))
  try {
    return await Promise.race([send(target, leaving.signal), left(leaving.signal)])
  } catch (error) {
    return { outcome: 'failed', status: undefined, reason: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

/** The longest wait a Node timer can hold. */
const LONGEST_TIMER = 2 ** 31 - 1

function left(signal: AbortSignal): Promise<WarmEnd> {
  const end = () => ({ outcome: 'failed', status: undefined, reason: String(signal.reason) }) as const
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(end()), { once: true }))
}

/** As with listeners: who only watches cannot break what is watched, nor end the process by a rejection. */
function tell({ onProgress }: WarmPlan, progress: Parameters<WarmPlan['onProgress']>[0]): void {
  void attempt(
    () => onProgress(progress),
    () => undefined,
  )
}

function requireItems(requests: unknown): void {
  const isBag = typeof requests === 'object' && requests !== null
  if (isBag && (Symbol.iterator in requests || Symbol.asyncIterator in requests)) return
  throw expected('invalid-option', 'requests', 'an array or another (async) iterable of requests', requests)
}

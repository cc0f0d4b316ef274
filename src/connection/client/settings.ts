/** How our own connections differ from the user's. */

/**
 * An unanswered command must not be sent again on a new connection before the generation was checked there, and nothing may queue up
 * while the server is away.
 */
export const ours = Object.freeze({
  lazyConnect: false,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // Nothing is lost by not waiting for a peer that does not answer: what was under way has its own deadline.
  disconnectTimeout: 100,
  keyPrefix: '',
  // Often enough to be back within a second, seldom enough not to be felt by those who are answered from memory.
  retryStrategy: (attempt: number) => Math.min(attempt * 25, 250),
  // A primary that became a replica: find the new primary.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
})

// Shows a violation: the shortest history of it, and what was done to the machines meanwhile.
import type { Violation } from './checks/check.ts'
import type { History, Instant, Operation } from './history.ts'

/** Several lines; times are milliseconds since the first operation. */
export function excerpt({ check, message, operations }: Violation, history: History): string {
  const from = operations[0]?.start ?? 0
  const until = Math.max(...operations.map(({ start }) => start))
  const lines = [
    ...operations.map((operation) => ({ at: operation.start, text: operationText(operation, from) })),
    ...circumstances(history, from, until),
  ]
  const sorted = lines.sort((a, b) => a.at - b.at)
  return [`${check}: ${message}`, ...sorted.map(({ at, text }) => `  ${time(at, from)}  ${text}`)].join('\n')
}

function operationText(operation: Operation, from: Instant): string {
  const { process, session, tag, value, end, status } = operation
  const answered =
    end === Number.POSITIVE_INFINITY ? 'never answered' : `answered ${time(end, from).trim()} with ${status}`
  const who = `${process}, ${session}`
  if (operation.op === 'write') {
    return `write ${tag} := ${value}, ${operation.mode === 'intent' ? 'announced, ' : ''}bump ${operation.applied ?? 'unknown'}  (${who}; ${answered})`
  }
  const { label, route } = operation
  const degraded = label.degraded ? ', degraded' : ''
  return `read  ${tag} -> ${value}, ${route.name}, ${label.outcome}${degraded}  (${who}; ${answered})`
}

function circumstances({ outages, upheavals, interruptions }: History, from: Instant, until: Instant) {
  const during = ({ at }: { at: Instant }) => at >= from && at <= until
  return [
    ...outages.map((span) => ({
      at: span.from,
      text: `Redis is lost, everything holds again from ${time(span.until, from).trim()}`,
    })),
    ...upheavals.map((span) => ({
      at: span.from,
      text: `version keys change by other hands until ${time(span.until, from).trim()}`,
    })),
    ...interruptions.map(({ process, kind, at }) => ({ at, text: `${process} is ${kind}` })),
  ].filter(during)
}

function time(at: Instant, from: Instant): string {
  return `${(at - from).toFixed(3).padStart(10)} ms`
}

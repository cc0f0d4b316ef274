// The crowd in a process of its own: opens all connections first, then asks on all of them at once. Driven by its parent: node generator.js
import { connect } from 'node:net'

/**
 * What the parent says: the ports to connect to, in turn, or what to ask.
 *
 * @typedef {object} Order
 * @property {readonly number[]} [ports]
 * @property {number} [connections]
 * @property {readonly string[]} [paths] each connection goes through them, each from a place of its own
 * @property {number} [times] requests of each connection, one after the other
 * @property {number} [seconds] or for so long
 * @property {number} [pause] milliseconds between an answer and the next request
 */

/** A server takes no more connections at once than wait for it: 511 by default. */
const OPENED_AT_ONCE = 200
/** Milliseconds after which an answer counts as lost. */
const PATIENCE = 60_000
const HEAD_END = Buffer.from('\r\n\r\n')

/** What a whole load met; numbers are added as answers come. */
class Tally {
  /** @type {number[]} */
  latencies = []
  /** @type {Record<string, number>} */
  statuses = {}
  /** @type {Record<string, number>} */
  outcomes = {}
  bytes = 0
  differing = 0
  #startedAt = performance.now()
  #cpu = process.cpuUsage()
  /** @type {Buffer | undefined} */
  #body

  /**
   * @param {number} ms
   * @param {string} head
   * @param {Buffer} body
   */
  add(ms, head, body) {
    const status = head.slice(9, 12)
    this.latencies.push(ms)
    this.bytes += head.length + body.length
    this.statuses[status] = (this.statuses[status] ?? 0) + 1
    const outcome = outcomeOf(/cache-status: (.*)/i.exec(head)?.[1] ?? '')
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1
    if (status !== '200') return
    this.#body ??= Buffer.from(body)
    if (!this.#body.equals(body)) this.differing++
  }

  summary() {
    const ms = performance.now() - this.#startedAt
    const { user, system } = process.cpuUsage(this.#cpu)
    const sorted = Float64Array.from(this.latencies).sort()
    /** @param {number} share */
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
    const { statuses, outcomes, bytes, differing } = this
    const times = { p50: at(0.5), p99: at(0.99), slowest: sorted.at(-1) }
    return {
      requests: sorted.length,
      ms,
      cpuTime: (user + system) / 1_000,
      ...times,
      statuses,
      outcomes,
      bytes: bytes / sorted.length,
      differing,
    }
  }
}

/** @param {string} said the members of `Cache-Status`, nearest the client last */
function outcomeOf(said) {
  const last = said.split(', ').at(-1) ?? ''
  if (said.includes('collapsed')) return 'collapsed'
  if (/; hit/.test(last)) return 'hit l1'
  return /; hit/.test(said) ? 'hit l2' : (/fwd=\w+/.exec(last)?.[0] ?? 'none')
}

/** One connection, one request at a time. */
class Connection {
  #sentAt = 0
  /** @type {Buffer | undefined} */
  #part
  /** @type {((ms: number, head: string, body: Buffer) => void) | undefined} */
  #heard
  /** @type {import('node:net').Socket} */
  #socket

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(/** @type {Buffer} */ (chunk)))
    socket.on('close', () => {
      if (!ending) throw new Error('The server closed a connection')
    })
  }

  /**
   * @param {string} path
   * @param {(ms: number, head: string, body: Buffer) => void} heard
   */
  ask(path, heard) {
    this.#heard = heard
    this.#sentAt = performance.now()
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`, 'latin1')
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    const whole = this.#part === undefined ? chunk : Buffer.concat([this.#part, chunk])
    const end = whole.indexOf(HEAD_END)
    const head = end === -1 ? '' : whole.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
    if (end !== -1 && Number.isNaN(length)) throw new Error(`No length was announced:\n${head}`)
    const isWhole = end !== -1 && whole.length >= end + 4 + length
    this.#part = isWhole ? undefined : whole
    if (isWhole) this.#heard?.(performance.now() - this.#sentAt, head, whole.subarray(end + 4))
  }
}

/** @type {Connection[]} */
const connections = []
let ending = false

/** @param {Order} order */
async function open({ ports = [], connections: count = 0 }) {
  for (let from = 0; from < count; from += OPENED_AT_ONCE) {
    const next = Array.from({ length: Math.min(OPENED_AT_ONCE, count - from) }, (_, i) =>
      opened(/** @type {number} */ (ports[(from + i) % ports.length])),
    )
    connections.push(...(await Promise.all(next)))
  }
}

/**
 * @param {number} port
 * @returns {Promise<Connection>}
 */
function opened(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(new Connection(socket)))
  })
}

/** @param {Order} order */
function ask({ paths = [], times = 1, seconds, pause = 0 }) {
  const tally = new Tally()
  const until = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1_000
  let asking = connections.length
  return new Promise((resolve, reject) => {
    const lost = setTimeout(() => reject(new Error(`${asking} without answer`)), PATIENCE + (seconds ?? 0) * 1_000)
    const done = () => {
      if (--asking > 0) return
      clearTimeout(lost)
      resolve(tally.summary())
    }
    for (const [i, connection] of connections.entries()) {
      let asked = 0
      const next = () => {
        const isOver = seconds === undefined ? asked >= times : performance.now() >= until
        if (isOver) return done()
        connection.ask(/** @type {string} */ (paths[(i + asked++) % paths.length]), heard)
      }
      /** @type {(ms: number, head: string, body: Buffer) => void} */
      const heard = (ms, head, body) => {
        tally.add(ms, head, body)
        if (pause > 0) setTimeout(next, pause)
        else next()
      }
      next()
    }
  })
}

process.on('message', async (message) => {
  const order = /** @type {Order} */ (message)
  if (order.ports !== undefined) await open(order)
  // What the last load left behind is not for the next one to pay.
  globalThis.gc?.()
  process.send?.(order.ports === undefined ? await ask(order) : {})
})
process.on('disconnect', () => {
  ending = true
  process.exit()
})

/** Lets somebody else answer in the place of a run, which goes on against a ghost of its response. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Ghost, ghostOf } from './ghost.ts'
import { LedListeners, newListeners } from './led-listeners.ts'
import { quietSocket } from './quiet-socket.ts'
import type { TouchedFields } from './touched-fields.ts'
import { showGhost } from './two-faced.ts'

type Methods = Record<string, ((...args: unknown[]) => unknown) | undefined>

const methods = [
  'setHeader',
  'appendHeader',
  'setHeaders',
  'getHeader',
  'getHeaders',
  'getHeaderNames',
  'getRawHeaderNames',
  'hasHeader',
  'removeHeader',
  'writeHead',
  'writeHeader',
  'flushHeaders',
  'write',
  'end',
  'addTrailers',
  'writeContinue',
  'writeEarlyHints',
  'writeProcessing',
  'cork',
  'uncork',
  'destroy',
  'setTimeout',
  'on',
  'addListener',
  'once',
  'prependListener',
  'prependOnceListener',
  'off',
  'removeListener',
  'removeAllListeners',
  'listeners',
  'rawListeners',
  'listenerCount',
  'eventNames',
]

/** Who removes one of Node's own fields leaves a mark, so that Node does not add it: what is undone leaves none. */
const marks = ['sendDate', '_removedConnection', '_removedContLen', '_removedTE']

/**
 * The lowest of our layers on a response: it goes before any other of a run. Until somebody overtakes the run it only passes on. Then the
 * run and all that it has laid over the response meet the ghost, while those who stood there before keep the real one.
 */
export class Detour {
  readonly #res: ServerResponse
  /** The methods as they were before the run, where they are not inherited. */
  readonly #before = new Map<string, PropertyDescriptor | undefined>()
  readonly #listeners: ReadonlyMap<string | symbol, readonly unknown[]>
  readonly #led = new LedListeners()
  readonly #marks: readonly (readonly [name: string, value: unknown])[]
  #ghost: Ghost | undefined
  #real = 0
  #aside: <T>(work: () => T) => T = (work) => work()

  constructor(res: ServerResponse) {
    this.#res = res
    this.#marks = marks.map((name) => [name, Reflect.get(res, name)] as const)
    this.#listeners = new Map(res.eventNames().map((event) => [event, res.rawListeners(event as string)]))
    const present = res as unknown as Methods
    for (const name of methods) {
      const below = present[name]
      if (below === undefined) continue
      this.#before.set(name, Object.getOwnPropertyDescriptor(res, name))
      const value = (...args: unknown[]) => this.#pass(name, below, args)
      Object.defineProperty(res, name, { configurable: true, writable: true, value })
    }
  }

  /** What the run answers on now; undefined while nobody has overtaken it. */
  get ghost(): ServerResponse | undefined {
    return this.#ghost?.res
  }

  /**
   * Overtakes the run. Its head must not have left.
   *
   * @param touched what is to be as if the run had never been
   * @param answer answers then
   * @param aside called around what is not the run's doing
   */
  take(touched: TouchedFields, answer: () => void, aside?: <T>(work: () => T) => T): void {
    const res = this.#res
    if (aside !== undefined) this.#aside = aside
    const ghost = ghostOf(res)
    this.#asBefore(() => {
      this.#moveListeners(ghost.res)
      let isOver = false
      res.once('close', () => {
        isOver = true
      })
      touched.undo()
      for (const [name, value] of this.#marks) if (value !== undefined) Reflect.set(res, name, value)
      this.#answer(answer)
      const faces = { ghost: ghost.res, isReal: () => this.#real > 0, isOver: () => isOver }
      showGhost(res, faces)
    })
    this.#ghost = ghost
    this.#divertEvents(ghost.res)
    if (res.req.httpVersionMajor < 2) keepRequest(res.req, ghost)
  }

  /** What stands before us may fail; then nothing else can answer, and the client learns by its connection. */
  #answer(answer: () => void): void {
    try {
      this.#aside(answer)
    } catch (error) {
      this.#res.destroy(error as Error)
    }
  }

  /** Nobody wants the rest of an overtaken run's answer: what streams sees its client leave, what ends by now ends. */
  giveUp(): void {
    const ghost = this.#ghost?.res
    if (ghost !== undefined) setImmediate(() => ghost.writableEnded || ghost.destroy())
  }

  #pass(name: string, below: (...args: unknown[]) => unknown, args: unknown[]): unknown {
    if (this.#ghost === undefined) this.#led.note(name, args)
    if (this.#ghost === undefined || this.#real > 0) return Reflect.apply(below, this.#res, args)
    const ghost = this.#ghost.res
    const result = (ghost as unknown as Methods)[name]?.apply(ghost, args)
    return result === ghost ? this.#res : result
  }

  /** Calls `work` with the response as it was before the run: its layers must not see what is not its answer. */
  #asBefore(work: () => void): void {
    const res = this.#res
    const above = [...this.#before.keys()].map((name) => [name, Object.getOwnPropertyDescriptor(res, name)] as const)
    for (const [name, descriptor] of this.#before) redefine(res, name, descriptor)
    try {
      work()
    } finally {
      for (const [name, descriptor] of above) redefine(res, name, descriptor)
    }
  }

  /** Who began to listen during the run waits for its answer. */
  #moveListeners(ghost: ServerResponse): void {
    const res = this.#res
    for (const event of res.eventNames()) {
      const before = this.#listeners.get(event) ?? []
      for (const listener of newListeners(before, res.rawListeners(event as string))) {
        res.removeListener(event as string, listener)
        ghost.on(event as string, listener)
      }
    }
    for (const listener of this.#led.listeners) {
      if (!ghost.listeners('drain').includes(listener)) ghost.on('drain', listener)
    }
  }

  /** What happens to the real answer is told to those who stood there before, and who looks at it then sees it. */
  #divertEvents(ghost: ServerResponse): void {
    const res = this.#res
    const { emit } = res
    const value = (event: string | symbol, ...args: unknown[]): boolean => {
      if (event === 'pipe' || event === 'unpipe') return ghost.emit(event, ...args)
      return this.#asReal(() => {
        // Of an error that only the run can have made, nobody else need hear.
        if (event === 'error' && res.listenerCount(event) === 0) return false
        return Reflect.apply(emit as (...args: unknown[]) => boolean, res, [event, ...args])
      })
    }
    Object.defineProperty(res, 'emit', { configurable: true, writable: true, value })
  }

  #asReal<T>(work: () => T): T {
    this.#real++
    try {
      return this.#aside(work)
    } finally {
      this.#real--
    }
  }
}

function redefine(object: object, name: string, descriptor: PropertyDescriptor | undefined): void {
  if (descriptor === undefined) Reflect.deleteProperty(object, name)
  else Object.defineProperty(object, name, descriptor)
}

/** The request stays as it is while the run may need it, although its answer has left. */
function keepRequest(req: IncomingMessage, { res, socket }: Ghost): void {
  req.socket = quietSocket(req.socket, socket)
  // With a request of which all has come and that nobody reads, Node would be done, and say so: its client seems to have left.
  const isIdle = req.complete && req.readableLength === 0 && req.readableFlowing === null && !req.readableDidRead
  if (!isIdle) return
  Object.defineProperty(req, '_dump', { configurable: true, writable: true, value: () => undefined })
  res.once('close', () => {
    Reflect.deleteProperty(req, '_dump')
    if (req.readableFlowing === null) req.resume()
  })
}

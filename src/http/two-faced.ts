/** A property of a response that shows one thing to its run, and another to all who stood there before. */
import type { ServerResponse } from 'node:http'

/** Who is asking, and whether the real answer is over. */
export interface Faces {
  /** What the run sees. */
  readonly ghost: ServerResponse
  /** Whether someone outside the run asks now. */
  isReal(): boolean
  /** Whether the real answer has closed. */
  isOver(): boolean
  /** Whether the head of the ghost is being formed, so that nobody else is at work. */
  isForming(): boolean
}

/** What the run says and asks of its answer. */
const ofTheRun = [
  'statusCode',
  'statusMessage',
  'sendDate',
  'headersSent',
  'writableEnded',
  'writableFinished',
  'writableLength',
  'writableHighWaterMark',
  'writableCorked',
  'writableNeedDrain',
  'errored',
  // Of the `on-finished` package: what it calls back once a response is over.
  '__onFinished',
]

/** What Node itself reads and sets while it sends the real answer: the run sees its own only after that. */
const ofNode = ['finished', 'destroyed', '_closed', 'socket']

/** Where Node keeps the fields: some packages use its own methods for them, past all that lies over the response. */
const FIELDS = 'kOutHeaders'

/** Makes the properties of `res` that its run may ask for show those of the ghost. */
export function showGhost(res: ServerResponse, { ghost, isReal, isOver, isForming }: Faces): void {
  for (const name of ofTheRun) define(res, name, ghost, isReal)
  // What follows is of `node:http`; that of HTTP/2 are accessors which nothing below needs.
  const symbols = Object.getOwnPropertySymbols(res).filter(({ description }) => description === FIELDS)
  for (const symbol of symbols) define(res, symbol, ghost, isReal)
  const isAnswering = () => isReal() || !isOver()
  for (const name of ofNode) if (Object.hasOwn(res, name)) define(res, name, ghost, isAnswering)
  if (Object.hasOwn(res, '_header')) define(res, '_header', ghost, () => isAnswering() && !isForming())
}

function define(res: ServerResponse, name: string | symbol, ghost: object, isReal: () => boolean): void {
  const real = realProperty(res, name)
  Object.defineProperty(res, name, {
    configurable: true,
    get: () => (isReal() ? real.get() : Reflect.get(ghost, name)),
    set(value: unknown) {
      if (isReal()) real.set(value)
      else Reflect.set(ghost, name, value)
    },
  })
}

/** The property as it was before. */
function realProperty(res: ServerResponse, name: string | symbol): { get(): unknown; set(value: unknown): void } {
  const own = Object.getOwnPropertyDescriptor(res, name)
  if (own?.get !== undefined) return { get: () => own.get?.call(res), set: (value) => own.set?.call(res, value) }
  const prototype: object = Object.getPrototypeOf(res)
  if (own === undefined && name in prototype) {
    return {
      get: () => Reflect.get(prototype, name, res),
      set: (value) => void Reflect.set(prototype, name, value, res),
    }
  }
  let kept: unknown = own?.value
  return {
    get: () => kept,
    set: (value) => {
      kept = value
    },
  }
}

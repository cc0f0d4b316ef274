/** A property of a response that shows one thing to its run, and another to all who stood there before. */
import type { ServerResponse } from 'node:http'

type Properties = Record<string, unknown>

/** Who is asking, and whether the real answer is over. */
export interface Faces {
  /** What the run sees. */
  readonly ghost: ServerResponse
  /** Whether someone outside the run asks now. */
  isReal(): boolean
  /** Whether the real answer has closed. */
  isOver(): boolean
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
const ofNode = ['finished', 'destroyed', '_closed', '_header', 'socket']

/** Makes the properties of `res` that its run may ask for show those of the ghost. */
export function showGhost(res: ServerResponse, faces: Faces): void {
  for (const name of ofTheRun) define(res, name, faces, faces.isReal)
  const isReal = () => faces.isReal() || !faces.isOver()
  // Those of HTTP/2 are accessors that nothing below needs.
  for (const name of ofNode) if (Object.hasOwn(res, name)) define(res, name, faces, isReal)
}

function define(res: ServerResponse, name: string, { ghost }: Faces, isReal: () => boolean): void {
  const real = realProperty(res, name)
  const unreal = ghost as unknown as Properties
  Object.defineProperty(res, name, {
    configurable: true,
    get: () => (isReal() ? real.get() : unreal[name]),
    set(value: unknown) {
      if (isReal()) real.set(value)
      else unreal[name] = value
    },
  })
}

/** The property as it was before. */
function realProperty(res: ServerResponse, name: string): { get(): unknown; set(value: unknown): void } {
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

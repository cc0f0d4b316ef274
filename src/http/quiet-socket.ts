/** A client's connection as a run may see it that answers the client no more: it tells all, and can neither be written to nor ended. */
import type { Socket } from 'node:net'
import type { Nowhere } from './nowhere.ts'

/** What would reach the client, or the requests that come after on its connection. */
const reaching: ReadonlySet<string | symbol> = new Set([
  'write',
  'end',
  'destroy',
  'destroySoon',
  'resetAndDestroy',
  'setTimeout',
  'setNoDelay',
  'setKeepAlive',
  'cork',
  'uncork',
])

/** @param nowhere what is ended in the place of `socket` */
export function quietSocket(socket: Socket, nowhere: Nowhere): Socket {
  const end = (error?: Error) => {
    nowhere.destroy(error instanceof Error ? error : undefined)
    return quiet
  }
  const instead: Readonly<Record<string, unknown>> = { destroySoon: end, resetAndDestroy: end }
  const quiet: Socket = new Proxy(socket, {
    get(target, name) {
      if (name === 'destroyed') return nowhere.destroyed || target.destroyed
      if (reaching.has(name)) return instead[String(name)] ?? bound(nowhere, name)
      return bound(target, name)
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  })
  return quiet
}

function bound(object: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(object, name, object)
  return typeof value === 'function' && name !== 'constructor' ? value.bind(object) : value
}

// Carries bytes from one socket to another, now, later or not at all.
import type { Socket } from 'node:net'

/** One direction of a proxied connection. */
export interface Relay {
  /** Sends what is due; called when the way may have become free. */
  pump(): void
}

/**
 * Forwards all pieces and the end of `from` to `to`, in order.
 *
 * @param delay asked when a piece arrives: the milliseconds it is on its way
 * @param isOpen asked before a piece is sent: while it says no, all wait
 */
export function relay(from: Socket, to: Socket, delay: () => number, isOpen: () => boolean): Relay {
  const pieces: { send: () => void; due: number }[] = []
  let timer: NodeJS.Timeout | undefined

  function add(send: () => void) {
    pieces.push({ send, due: performance.now() + delay() })
    pump()
  }

  function pump() {
    clearTimeout(timer)
    for (let piece = pieces[0]; piece !== undefined && isOpen(); piece = pieces[0]) {
      const wait = piece.due - performance.now()
      if (wait > 0) {
        timer = setTimeout(pump, wait)
        return
      }
      pieces.shift()
      piece.send()
    }
  }

  from.on('data', (bytes) => add(() => to.write(bytes)))
  from.on('error', () => {}) // `close` follows
  from.on('close', () => add(() => to.destroySoon()))
  return { pump }
}

/** Tries again what a cut connection lost, while there is time. */
import { type Clock, within } from '../clock.ts'
import { isCut, LateError } from './trouble.ts'

/** What is tried, and what must happen before it is tried again. */
export interface Repetition<T> {
  attempt(): Promise<T>
  /** Whether another attempt could end otherwise. */
  mayTryAgain(): boolean
  /** Resolves once there is a connection again; rejects after `ms`, or where it is given up. */
  reconnected(ms: number, error: Error): Promise<void>
}

/** How long to wait at least before the second attempt, in ms; twice as long before each further one. */
const FIRST_PAUSE = 2

/** Settles as the first attempt that is not cut off does; nothing is begun once `budget` ms are over, nor waited for. */
export async function repeated<T>(clock: Clock, budget: number, repetition: Repetition<T>): Promise<T> {
  const until = clock.now() + budget
  const left = () => until - clock.now()
  const late = () => new LateError(`Redis did not answer within ${budget} ms`)
  // The first attempt minds the time itself.
  let trying = repetition.attempt()
  for (let pause = FIRST_PAUSE; ; pause *= 2) {
    try {
      return await trying
    } catch (error) {
      if (!isCut(error) || !repetition.mayTryAgain() || pause >= left()) throw error
      await Promise.all([elapsed(clock, pause), repetition.reconnected(left(), error as Error)])
      trying = within(clock, left(), repetition.attempt(), late)
    }
  }
}

function elapsed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

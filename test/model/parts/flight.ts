// A look-up or run that others may wait for.
import { asReader } from './change.ts'
import type { Reader, State, Token } from './state.ts'

/** Whether it looks up or runs. */
export const isFlying = ({ phase }: Reader): boolean => ['looking', 'running', 'answering'].includes(phase)

/** Whether others with these versions may wait for this reader's answer. */
export function isFlightOf(reader: Reader, versions: readonly (Token | undefined)[]): boolean {
  return isFlying(reader) && reader.tokens !== undefined && reader.tokens.join() === versions.join()
}

/** Waits for the answer of another reader. */
export function follow(state: State, r: number, leader: number): State {
  const { tokens: _, ...reader } = state.readers[r]!
  const following: Reader = { ...reader, phase: 'following', leader }
  return asReader(state, r, following)
}

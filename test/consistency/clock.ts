// The clock of a history: CLOCK_MONOTONIC, which all processes of one machine read alike.

/** Milliseconds on a clock that never jumps, comparable between processes; a fraction tells nanoseconds. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Resolves after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

// Promises that are none of the language's own, as older libraries and query builders return.

/** A thenable that settles later, with a value or with an error. */
export function foreign<T>(outcome: T | Error): Promise<T> {
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about
    then(resolve: (value: T) => void, reject?: (error: Error) => void) {
      setImmediate(() => (outcome instanceof Error ? reject?.(outcome) : resolve(outcome)))
    },
  }
  return thenable as unknown as Promise<T>
}

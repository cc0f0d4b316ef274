// For tests that are not about time: a busy machine must not look like a Redis that is late.

/** Cache options with a budget that no machine exceeds by accident. */
export const unhurried = Object.freeze({ budget: '3s' } as const)

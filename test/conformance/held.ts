// Which tests we hold ourselves to, by what is switched on.
import type { OptionSet } from './configuration.ts'
import { type ListName, lists } from './lists.ts'

const held: Readonly<Record<OptionSet, readonly ListName[]>> = {
  safe: ['required', 'optimal'],
  all: ['required', 'optimal', 'setCookie', 'heuristic', 'targeted'],
}

/** The ids of tests that must pass. */
export function mustPass(options: OptionSet): readonly string[] {
  return held[options].flatMap((name) => lists[name])
}

// What stands between the suite's client and its origin.

export const frameworks = ['express', 'koa'] as const
export const relays = ['piped', 'buffered'] as const
export const optionSets = ['safe', 'all'] as const

/** How the handler hands the origin's answer on: chunk by chunk, or in one piece. */
export type Relay = (typeof relays)[number]
export type Framework = (typeof frameworks)[number]
/** Which options of the header mode are on. */
export type OptionSet = (typeof optionSets)[number]

/** An application in front of the origin; without `cache` it only relays. */
export interface Configuration {
  readonly framework: Framework
  readonly relay: Relay
  readonly cache: OptionSet | undefined
}

/** As in tables: `express piped`. */
export function titleOf({ framework, relay }: Configuration): string {
  return `${framework} ${relay}`
}

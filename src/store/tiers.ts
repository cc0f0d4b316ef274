/** The stores in the order they are asked: memory first, then what all processes share. */
import type { Entry } from '../entry.ts'
import type { Store, SyncStore } from './store.ts'

/** An entry and the store that had it. */
export interface Found {
  readonly entry: Entry
  readonly tier: Store['name']
}

/** L1, and L2 where there is one. */
export interface Tiers {
  readonly memory: SyncStore
  readonly shared: Store | undefined
}

/** Names of the tiers, the one nearest the handler first. */
export function tierNames({ shared }: Tiers): readonly Store['name'][] {
  return shared === undefined ? ['l1'] : ['l2', 'l1']
}

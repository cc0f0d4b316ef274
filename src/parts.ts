/** The parts of a cache that a test may replace: by a weaker one that a checker must catch, or by one that is simulated. */
import { randomBytes } from 'node:crypto'
import { type Clock, monotonicClock } from './clock.ts'
import type { OpenedClients } from './connection/client/client.ts'
import { openClients } from './connection/client/redis.ts'
import type { Connection } from './connection/connection.ts'
import { RedisConnection, type RedisConnectionOptions } from './connection/redis.ts'
import type { Entry } from './entry.ts'
import { Flights } from './flights.ts'
import type { Tiers } from './store/tiers.ts'
import type { IntentTimes } from './versions/intents.ts'
import { type Scripts, scripts } from './versions/scripts.ts'
import { TokenTable } from './versions/table.ts'
import type { Versions } from './versions/versions.ts'

/** What the composition root joins. */
export interface Parts {
  readonly clock: Clock
  /** Draws from [0, 1). */
  readonly random: () => number
  /** Draws 16 hex digits that nobody drew before. */
  readonly digits: () => string
  readonly openClients: (source: string | object, clock: Clock) => OpenedClients
  readonly connect: (options: RedisConnectionOptions) => Connection
  readonly scripts: Scripts
  readonly tokenTable: () => TokenTable
  readonly intentTimes: IntentTimes
  readonly flights: (clock: Clock) => Flights<Entry>
  /** Sees the stores before the engine does. */
  readonly tiers: (tiers: Tiers) => Tiers
  /** Sees the versions before the engine and the bumps do. */
  readonly versions: (versions: Versions) => Versions
}

/** Tokens of tags in use that a process knows at most. */
const TABLE_CAPACITY = 100_000

/** What every cache is made of. */
export const concreteParts: Parts = Object.freeze({
  clock: monotonicClock,
  random: () => Math.random(),
  digits: () => randomBytes(8).toString('hex'),
  openClients,
  connect: (options) => new RedisConnection(options),
  scripts,
  tokenTable: () => new TokenTable(TABLE_CAPACITY),
  intentTimes: Object.freeze({ life: 10_000, every: 2_500 }),
  flights: (clock) => new Flights<Entry>(clock),
  tiers: (tiers) => tiers,
  versions: (versions) => versions,
} satisfies Parts)

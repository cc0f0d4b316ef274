/** One way to ask PostgreSQL: embedded in this process by default, a real server when a URL is given. */
import { openEmbedded } from './embedded.ts'
import { openServer } from './server.ts'

export interface Database {
  /** Says which PostgreSQL this is, without credentials. */
  readonly title: string
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** Opens the PostgreSQL at `url`, or an embedded one when there is no URL. */
export function openDatabase(url: string | undefined): Promise<Database> {
  return url === undefined ? openEmbedded() : openServer(url)
}

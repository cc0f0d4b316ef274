/** A real PostgreSQL server, asked through a pool of connections. */
import pg from 'pg'
import type { Database } from './database.ts'

/** Opens a pool to the server at `url`. Throws one clear sentence when it does not answer. */
export async function openServer(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url })
  pool.on('error', (error) => console.error(`PostgreSQL closed an idle connection: ${error.message}`))

  async function query<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await pool.query(sql, [...values])
    return rows as Row[]
  }

  const place = withoutCredentials(url)
  try {
    const [server] = await query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
    return { title: `PostgreSQL ${server?.version} at ${place}`, query, close: () => pool.end() }
  } catch (error) {
    await pool.end()
    throw new Error(`DATABASE_URL: no answer from PostgreSQL at ${place} (${reason(error)})`, { cause: error })
  }
}

function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return 'the given address'
  const { host, pathname } = new URL(url)
  return host + pathname
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return message || code || 'unknown reason'
}

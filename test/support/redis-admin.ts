// Sends the test's own commands to a Redis server, and reads its command statistics.
import { Redis } from 'ioredis'

/** A user of the test's own: it goes on working when a test closes the server to everyone else. */
export const ADMIN = 'test-admin'

/** The options of redis-server that make the user. */
export const ADMIN_ARGS = ['--user', ADMIN, 'on', 'nopass', '~*', '&*', '+@all']

/** What asking for the statistics itself adds to them. */
const OWN_COMMANDS = new Set(['auth', 'info', 'config|resetstat', 'quit'])

/** Resolves to the answer to one command as `redis-cli` prints it: one line for each element, empty for nil. */
export async function command(port: number, ...args: readonly string[]): Promise<string> {
  const [name = '', ...rest] = args
  const client = new Redis({
    port,
    host: '127.0.0.1',
    username: ADMIN,
    password: 'any',
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
    commandTimeout: 5000,
  })
  client.on('error', () => {}) // the command below rejects with it
  try {
    return print(await client.call(name, ...rest))
  } finally {
    client.disconnect()
  }
}

/** Resolves to how often each command was called, by its name in lower case, since the last reset. */
export async function commandStats(port: number): Promise<Record<string, number>> {
  const text = await command(port, 'INFO', 'commandstats')
  const calls = [...text.matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)].map(([, name = '', count]) => [name, Number(count)])
  return Object.fromEntries(calls.filter(([name]) => !OWN_COMMANDS.has(`${name}`)))
}

function print(reply: unknown): string {
  if (Array.isArray(reply)) return reply.map(print).join('\n')
  return reply === null ? '' : String(reply)
}

// The data behind the handlers: in the process, after a known delay, or in a database that all processes share.
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AppSettings } from './settings.ts'

/** A number for each id, which only grows. */
export interface Database {
  ask(method: 'GET' | 'PUT', id: string): Promise<number>
}

/** The one that the settings name. */
export function databaseOf({ database, delay }: AppSettings): Database {
  return database === undefined ? inMemory(delay) : overHttp(database)
}

function inMemory(delay: number): Database {
  const versions = new Map<string, number>()
  return {
    async ask(method, id) {
      await new Promise((resolve) => setTimeout(resolve, delay))
      const version = (versions.get(id) ?? 0) + (method === 'PUT' ? 1 : 0)
      if (method === 'PUT') versions.set(id, version)
      return version
    },
  }
}

function overHttp(port: number): Database {
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: 60_000 })
  return {
    ask: (method, id) =>
      new Promise((resolve, reject) => {
        const asking = request({ port, host: '127.0.0.1', path: `/${id}`, method, agent })
        asking.once('response', async (res) => {
          const body = await text(res).catch(reject)
          if (res.statusCode === 200) resolve(Number(body))
          else reject(new Error(`The database answered ${res.statusCode}`))
        })
        asking.once('error', reject)
        asking.end()
      }),
  }
}

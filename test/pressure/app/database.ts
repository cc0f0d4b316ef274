// The data behind the handlers: in the process, after a known delay, or in a database that all processes share.
import { Clients } from '../load/clients.ts'
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
  const clients = new Clients(port)
  return {
    async ask(method, id) {
      const { status, text } = await clients.send(method, `/${id}`).reply
      if (status !== 200) throw new Error(`The database answered ${status}`)
      return Number(text)
    },
  }
}

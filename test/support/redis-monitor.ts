// Shows every command that reaches a Redis server, with its arguments: what counts alone cannot tell.
import { Redis } from 'ioredis'
import { ADMIN } from './redis-admin.ts'

/** A command as the server ran it. */
export interface SeenCommand {
  /** In lower case. */
  readonly name: string
  readonly args: readonly string[]
  /** Run by a script, not sent by a client. */
  readonly byScript: boolean
}

/** A running watch. */
export interface Monitor {
  /** Resolves to all commands since the start or the last call, once everything sent before this call was seen. */
  take(): Promise<readonly SeenCommand[]>
  stop(): void
}

/** Starts to watch the server on `port` and resolves when nothing is missed any more. */
export async function monitor(port: number): Promise<Monitor> {
  const client = new Redis({
    port,
    host: '127.0.0.1',
    username: ADMIN,
    password: 'any',
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
  })
  const watching = await client.monitor()
  let seen: SeenCommand[] = []
  let marks = 0
  let onMark: (text: string) => void = () => {}
  watching.on('monitor', (_time: string, [name = '', ...args]: string[], source: string) => {
    if (name.toLowerCase() === 'echo') onMark(args[0] ?? '')
    else seen.push({ name: name.toLowerCase(), args, byScript: source === 'lua' })
  })
  return {
    async take() {
      const mark = `monitor-mark-${++marks}`
      const marked = new Promise<void>((resolve) => {
        onMark = (text) => text === mark && resolve()
      })
      await client.echo(mark)
      await marked
      const taken = seen
      seen = []
      return taken
    },
    stop() {
      watching.disconnect()
      client.disconnect()
    },
  }
}

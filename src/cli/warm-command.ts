/** `tiercache warm`: fills the cache of an application that it loads, or of a server that runs. */
import type { Duration } from '../duration.ts'
import type { MetCache } from '../http/errand.ts'
import { throughApp } from '../warm/through-app.ts'
import { throughNetwork } from '../warm/through-network.ts'
import { type Send, warm } from '../warm/warm.ts'
import { checkedWarmOptions, type WarmHeaders, type WarmOptions } from '../warm/warm-options.ts'
import type { WarmProgress } from '../warm/warm-result.ts'
import { loadApplication } from './application.ts'
import { type Command, type ExitCode, type Io, parsed, UsageError } from './command.ts'
import { progressOn, summary } from './progress.ts'
import { urlList } from './url-list.ts'

const help = `Usage: tiercache warm [URL ...] --app FILE [options]
       tiercache warm [URL ...] --url SERVER [options]

Asks for URLs, so that their answers are stored before clients ask. With --app the application is
loaded and the requests go through all of it, without a server; what is stored is then in its Redis.
With --url, or for whole URLs alone, they are sent to a server that runs.

  --app FILE         the module that exports the application (Express or Koa), or a function that makes it
  --export NAME      the export's name; without: the default export, else "app"
  --url SERVER       where the server is reached, such as http://127.0.0.1:3000
  --host ORIGIN      scheme and host as clients and proxies name them, such as https://shop.example.
                     Paths need it with --app: answers are stored under scheme and host
  --file FILE        more URLs, one a line; - reads standard input
  --header FIELD     a header field of every request, such as 'Accept-Language: de'; may be repeated
  --concurrency N    requests under way at once (8)
  --deadline TIME    how long one may take (30s)
  --quiet            tell of failures alone

Exit codes: 0 none failed; 1 some failed, or other processes cannot find what was stored; 2 wrong arguments.`

const options = {
  app: { type: 'string' },
  export: { type: 'string' },
  url: { type: 'string' },
  host: { type: 'string' },
  file: { type: 'string' },
  header: { type: 'string', multiple: true },
  concurrency: { type: 'string' },
  deadline: { type: 'string' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parsed<typeof options>>['values']

/** The command. */
export const warmCommand: Command = { summary: 'store answers before clients ask for them', help, run }

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, positionals } = parsed(args, options)
  if (positionals.length === 0 && values.file === undefined) throw new UsageError('Expected URLs, or --file')
  if (values.app !== undefined && values.url !== undefined) throw new UsageError('Expected --app or --url, got both')
  if (values.export !== undefined && values.app === undefined) throw new UsageError('--export needs --app')
  const origin = originOf(values.host, '--host') ?? originOf(values.url, '--url')
  const settings = settingsOf(values, io)
  const urls = whole(await urlList(positionals, values.file, io), origin)
  if (values.app === undefined)
    return (await warmed(urls, settings, throughNetwork(originOf(values.url, '--url')), io, values)).code

  const met = new Map<MetCache, Promise<void>>()
  const dispatch = await loadApplication(io.folder, values.app, values.export)
  const { code, alone } = await warmed(urls, settings, throughApp(dispatch, met), io, values)
  const lost = await lostWith([...met.keys()], alone)
  for (const line of lost) io.stderr.write(`${line}\n`)
  return lost.length > 0 ? 1 : code
}

/** Sends them all, and tells how it went; `alone` counts what is in this process's memory and not in Redis. */
async function warmed(
  urls: Parameters<typeof warm>[0],
  settings: WarmOptions,
  send: Send,
  io: Io,
  { quiet = false }: Values,
): Promise<{ readonly code: ExitCode; readonly alone: number }> {
  const progress = progressOn(io, quiet)
  let alone = 0
  const onProgress = (one: WarmProgress) => {
    if (one.reason === 'memory-only') alone++
    progress.told(one)
  }
  const result = await warm(urls, { ...settings, onProgress }, send).finally(() => progress.over())
  if (!quiet) io.stdout.write(`${summary(result)}\n`)
  if (io.signal.aborted) io.stderr.write('Interrupted.\n')
  return { code: result.failed > 0 || io.signal.aborted ? 1 : 0, alone }
}

/** How long caches may take to close, in ms: what they stored is in Redis already. */
const CLOSING_MS = 5_000

/** What the end of this process takes with it. Closes the caches. */
async function lostWith(caches: readonly MetCache[], alone: number): Promise<readonly string[]> {
  const lines: string[] = []
  const errors = caches.flatMap((cache) => Object.entries(cache.sharedErrors() ?? {}))
  if (caches.some((cache) => cache.sharedErrors() === undefined))
    lines.push('A cache on the way has no Redis: what it stored ends with this process. Give its createCache `redis`.')
  if (alone > 0) lines.push(`Redis was not reachable for ${alone} of the answers: they end with this process.`)
  if (errors.length > 0)
    lines.push(
      `Redis had trouble, some answers may not be there: ${errors.map(([kind, n]) => `${kind} ${n}`).join(', ')}.`,
    )
  const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSING_MS))
  await Promise.race([late, Promise.allSettled(caches.map((cache) => cache.close()))])
  return lines
}

function settingsOf({ header = [], concurrency, deadline }: Values, io: Io): WarmOptions {
  const settings = {
    headers: fieldsOf(header),
    concurrency: concurrency === undefined ? undefined : Number(concurrency),
    deadline: deadline === undefined ? undefined : durationOf(deadline),
    signal: io.signal,
  }
  // Before an application is loaded, and connected to all that it needs.
  checkedWarmOptions(settings)
  return settings
}

/** Header fields by their names; one that is given again is a further line. */
function fieldsOf(lines: readonly string[]): WarmHeaders {
  const fields = new Map<string, string[]>()
  for (const line of lines) {
    const [, name, value = ''] = /^([^:\s]+):\s*(.*)$/s.exec(line) ?? []
    if (name === undefined) throw new UsageError(`Expected --header to be such as 'Accept-Language: de', got '${line}'`)
    fields.set(name.toLowerCase(), [...(fields.get(name.toLowerCase()) ?? []), value])
  }
  return Object.fromEntries(fields)
}

/** Bare digits are seconds, as in the options of a cache. */
function durationOf(text: string): Duration {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : (text as Duration)
}

/** Scheme, host and port; `http` where no scheme is given. */
function originOf(text: string | undefined, option: string): URL | undefined {
  if (text === undefined) return undefined
  const url = /^\w+:\/\//.test(text) ? text : `http://${text}`
  const origin = URL.canParse(url) ? new URL(url) : undefined
  if (origin !== undefined && /^https?:$/.test(origin.protocol) && origin.pathname === '/' && origin.search === '')
    return origin
  throw new UsageError(`Expected ${option} to be scheme and host, such as https://shop.example, got '${text}'`)
}

/** Paths of an origin as whole URLs of it. */
function whole(urls: readonly string[] | AsyncIterable<string>, origin: URL | undefined): Parameters<typeof warm>[0] {
  const of = (url: string) => {
    if (!url.startsWith('/')) return url
    if (origin === undefined)
      throw new UsageError(`${url} is a path: --host says of which host, such as https://shop.example`)
    return `${origin.origin}${url}`
  }
  return Symbol.asyncIterator in urls ? mapped(urls, of) : urls.map(of)
}

async function* mapped(urls: AsyncIterable<string>, of: (url: string) => string): AsyncGenerator<string> {
  for await (const url of urls) yield of(url)
}

// The load: wrk where it is on PATH, else autocannon, which is installed beside the benchmarks the first time.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CORES, pinned } from './pin.ts'

/** What one load met. */
export interface Load {
  /** Requests per second. */
  readonly rate: number
  readonly requests: number
  /** The 99th percentile of latency, in ms. */
  readonly p99: number
}

/** Asks one URL over many connections for some seconds; rejects when any request failed. */
export interface LoadGenerator {
  readonly name: string
  run(url: string, options: LoadOptions): Promise<Load>
}

interface LoadOptions {
  readonly connections: number
  readonly seconds: number
  readonly headers?: Readonly<Record<string, string>>
}

const bench = fileURLToPath(new URL('..', import.meta.url))
const execute = promisify(execFile)

/** Picks the generator by name, or the first that is there. */
export function loadGenerator(name?: string): LoadGenerator {
  const version = wrkVersion()
  if (name === 'wrk' && version === undefined) throw new Error('No wrk on PATH')
  return version !== undefined && name !== 'autocannon' ? wrk(version) : autocannon()
}

function wrkVersion(): string | undefined {
  const { stdout } = spawnSync('wrk', ['--version'], { encoding: 'utf8' })
  return stdout ? (/wrk \S*?(\d[\d.]*)/.exec(stdout)?.[1] ?? 'of unknown version') : undefined
}

function wrk(version: string): LoadGenerator {
  return {
    name: `wrk ${version}`,
    async run(url, { connections, seconds, headers = {} }) {
      const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
      const text = await output(['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...fields, url])
      if (/Socket errors|Non-2xx/.test(text)) throw new Error(`Requests failed:\n${text}`)
      const [, p99 = '', unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(text) ?? []
      return {
        rate: number(/Requests\/sec:\s+([\d.]+)/, text),
        requests: number(/(\d+) requests in/, text),
        p99: Number(p99) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN),
      }
    },
  }
}

function autocannon(): LoadGenerator {
  const folder = join(bench, 'node_modules', 'autocannon')
  if (!existsSync(folder)) install()
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return {
    name: `autocannon ${version}`,
    async run(url, { connections, seconds, headers = {} }) {
      const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`])
      const args = ['-j', '-c', `${connections}`, '-d', `${seconds}`, ...fields, url]
      const text = await output([process.execPath, join(folder, 'autocannon.js'), ...args])
      const { requests, latency, errors, '4xx': refused, '5xx': failed } = JSON.parse(text)
      if (errors + refused + failed > 0) throw new Error(`Requests failed:\n${text}`)
      return { rate: requests.average, requests: requests.total, p99: latency.p99 }
    },
  }
}

function install(): void {
  console.log("Installing the benchmarks' own packages (npm ci in bench/)")
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: bench,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed in bench/')
}

async function output(command: readonly string[]): Promise<string> {
  const [file, ...args] = pinned(CORES.load, command)
  const { stdout } = await execute(file, args, { env: { ...process.env, NODE_OPTIONS: '' } })
  return stdout
}

function number(pattern: RegExp, text: string): number {
  const value = Number(pattern.exec(text)?.[1])
  if (Number.isNaN(value)) throw new Error(`Not understood:\n${text}`)
  return value
}

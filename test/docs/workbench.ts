// A folder in which the blocks of a document become files, servers and commands, with the reader's database and a Redis at hand.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'
import { guard } from '../support/guard.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Registry, startRegistry } from './registry.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const STAND_INS = fileURLToPath(new URL('./bin', import.meta.url))

/** What the documents import as `./db.js`: the reader's own, slow database. */
const DATABASE = `
import { setTimeout } from 'node:timers/promises'

const products = new Map([
  ['1', { id: 1, name: 'Teapot', price: 29 }],
  ['2', { id: 2, name: 'Kettle', price: 49 }],
])

export const db = {
  /** @param {{ max?: unknown }} [query] */
  async products({ max = Infinity } = {}) {
    await setTimeout(100)
    return [...products.values()].filter(({ price }) => price <= Number(max))
  },
  /** @param {unknown} id */
  async product(id) {
    await setTimeout(100)
    return products.get(String(id)) ?? null
  },
  /** @param {unknown} id */
  async remove(id) {
    const product = products.get(String(id)) ?? null
    products.delete(String(id))
    return product
  },
  /** @param {unknown} id @param {{ price: number }} changes */
  async update(id, changes) {
    const product = products.get(String(id))
    return product === undefined ? null : Object.assign(product, changes)
  },
}
`

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly output: string
}

/** Where the blocks run. Ports and addresses of the documents (3000, 6379) become free ones. */
export class Workbench {
  readonly folder = mkdtempSync(join(root, 'test', 'docs', '.run-'))
  readonly #guard = guard(this.folder)
  readonly #redis: RedisServer
  readonly #registry: Registry
  readonly #port: number
  #server: ChildProcess | undefined

  private constructor(redis: RedisServer, registry: Registry, port: number) {
    this.#redis = redis
    this.#registry = registry
    this.#port = port
    writeFileSync(join(this.folder, '.gitignore'), '*')
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(this.folder, 'db.js'), DATABASE)
  }

  static async open(): Promise<Workbench> {
    return new Workbench(await startRedis(), await startRegistry(root), await freePort())
  }

  /** Adds code to a file, and runs it: one that listens serves from now on, any other must end by itself without an error. */
  async add(file: string, code: string): Promise<void> {
    const path = join(this.folder, file)
    appendFileSync(path, this.#translated(code))
    if (readFileSync(path, 'utf8').includes('.listen(')) return this.#serve(file)
    const { code: exit, output } = await this.run(`node ${file}`)
    if (exit !== 0) throw new Error(`${file} ends with ${exit}:\n${output}`)
  }

  /** Runs one line of shell. */
  run(command: string): Promise<Ended> {
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env: this.#environment(), timeout: 60_000 }
      execFile('sh', ['-c', `exec 2>&1; ${this.#translated(command)}`], options, (error, output) => {
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
          output: this.#original(output),
        })
      })
    })
  }

  /** The compiler's complaints about the modules so far; what it says of src/ is another test's affair. */
  async typeErrors(): Promise<string[]> {
    const config = { extends: '../../../tsconfig.json', include: ['*.js', '*.ts'], exclude: [] }
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify(config))
    const { output } = await this.run(`node ${join(root, 'node_modules', 'typescript', 'bin', 'tsc')} -p .`)
    return output.split('\n').filter((line) => line !== '' && !line.startsWith('../'))
  }

  async close(): Promise<void> {
    await this.#stop()
    this.#registry.close()
    await this.#redis.stop()
    await this.#guard.end()
  }

  async #serve(file: string): Promise<void> {
    await this.#stop()
    const child = spawn(process.execPath, [file], {
      cwd: this.folder,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#server = child
    this.#guard.watch(child.pid)
    let said = ''
    const listen = (text: Buffer) => {
      said += text
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    const serves = async () => (child.exitCode === null ? this.#accepts() : undefined)
    await eventually(serves, { within: 30_000, every: 20 })
    if (child.exitCode !== null) throw new Error(`${file} ended:\n${said}`)
  }

  async #accepts(): Promise<void> {
    const socket = connect(this.#port, '127.0.0.1')
    try {
      await once(socket, 'connect')
    } finally {
      socket.destroy()
    }
  }

  async #stop(): Promise<void> {
    const child = this.#server
    this.#server = undefined
    if (child === undefined || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    this.#guard.watch(undefined)
  }

  #translated(text: string): string {
    return (
      text
        .replaceAll(/\b3000\b/g, `${this.#port}`)
        // A machine that is busy with other tests may take its time.
        .replaceAll("'redis://localhost:6379'", "'redis://localhost:6379', budget: '5s'")
        .replaceAll('errorRate: 0.01 }', "errorRate: 0.01, budget: '5s' }")
        .replaceAll(/\b6379\b/g, `${this.#redis.port}`)
        .replaceAll(/\bredis-cli\b/g, `redis-cli -p ${this.#redis.port}`)
        .replaceAll(/\bnpx tiercache\b/g, `node ${join(root, 'src', 'cli.ts')}`)
        // Its progress bar is for terminals that show something else meanwhile.
        .replaceAll(/\bcurl\b/g, 'curl -s')
    )
  }

  #original(text: string): string {
    return text.replaceAll(`${this.#port}`, '3000').replaceAll(`${this.#redis.port}`, '6379')
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      NODE_OPTIONS: '--import tsx/esm',
      NODE_ENV: 'production',
      NO_COLOR: '1',
      NO_PROXY: '*',
      no_proxy: '*',
      TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
      // What the system has goes first.
      PATH: [process.env.PATH, STAND_INS].join(delimiter),
      npm_config_registry: this.#registry.url,
      npm_config_dry_run: 'true',
      npm_config_cache: join(this.folder, 'npm-cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
    }
  }
}

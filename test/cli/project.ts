// A folder with modules of a user's own, in which the program runs as it would in theirs.
import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { guard } from '../support/guard.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How the program ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What the program may be run with. */
export interface RunOptions {
  readonly stdin?: string
  /** It is interrupted once standard error holds this text. */
  readonly interruptAt?: string
}

/** The folder. */
export class Project {
  readonly folder = mkdtempSync(join(root, 'test', 'cli', '.run-'))
  readonly #guard = guard(this.folder)

  constructor(files: Readonly<Record<string, string>>) {
    writeFileSync(join(this.folder, '.gitignore'), '*')
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }')
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.folder, name), content)
  }

  /** Runs `tiercache` with these arguments; resolves when it has ended by itself. */
  async run(args: readonly string[], { stdin = '', interruptAt = '\0' }: RunOptions = {}): Promise<Ended> {
    const child = spawn(process.execPath, ['--import', 'tsx/esm', join(root, 'src', 'cli.ts'), ...args], {
      cwd: this.folder,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_ENV: 'production',
        TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
      },
    })
    this.#guard.watch(child.pid)
    let said = ''
    child.stderr.on('data', (chunk) => {
      const isNew = !said.includes(interruptAt)
      said += chunk
      if (isNew && said.includes(interruptAt)) child.kill('SIGINT')
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [stdout, code] = await Promise.all([text(child.stdout), ended])
    this.#guard.watch(undefined)
    return { code, stdout, stderr: said }
  }

  remove(): Promise<void> {
    return this.#guard.end()
  }
}

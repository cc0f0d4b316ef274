// Builds the package as it ships, away from dist/, so that a benchmark measures neither TypeScript nor a stale build.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds src/ anew and returns the folder. */
export function build(): string {
  const folder = join(root, 'node_modules', '.cache', 'tiercache-bench')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--declaration', 'false', '--outDir', folder], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('The build failed')
  return folder
}

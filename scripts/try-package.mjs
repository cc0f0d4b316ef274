// Installs the packed package into a bare project and uses it there: node scripts/try-package.mjs esm|commonjs|types
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './run.mjs'

const kind = process.argv[2] ?? ''
const project = mkdtempSync(join(tmpdir(), 'tiercache-package-'))

try {
  cpSync(join(root, 'test', 'package', kind), project, { recursive: true })
  await must('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], root)
  const tarball = readdirSync(project).filter((name) => name.endsWith('.tgz'))
  await must('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', `./${tarball[0]}`], project)
  if (existsSync(join(project, 'node_modules', 'ioredis'))) throw new Error('ioredis came along, it must be optional')
  await must('npm', ['start', '--silent'], project)
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function must(command, args, cwd) {
  if ((await run(command, args, { cwd })) !== 0) throw new Error(`Failed: ${command} ${args.join(' ')}`)
}

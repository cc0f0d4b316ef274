// Finds a redis-server for the tests, or installs one where that needs no question.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

// Debian's package starts a service on port 6379; RUNLEVEL=1 leaves it off where no systemd runs.
const APT = ['env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'Acquire::Retries=3']

/** The package managers we know, `optional` commands may fail. */
const INSTALLERS = [
  {
    tool: 'apt-get',
    optional: [...APT, 'update'],
    install: [...APT, 'install', '-y', '--no-install-recommends', 'redis-server'],
    hint: 'apt-get install redis-server',
  },
  { tool: 'dnf', install: ['dnf', 'install', '-y', 'redis'] },
  { tool: 'yum', install: ['yum', 'install', '-y', 'redis'] },
  { tool: 'apk', install: ['apk', 'add', '--no-cache', 'redis'] },
  { tool: 'pacman', install: ['pacman', '-Sy', '--noconfirm', 'valkey'] },
  { tool: 'zypper', install: ['zypper', '--non-interactive', 'install', 'redis'] },
  { tool: 'brew', install: ['brew', 'install', 'redis'], asUser: true },
]

/** Returns the path of the server that TIERCACHE_REDIS_SERVER names, else of redis-server (or Valkey's), if one is on PATH. */
export function findRedisServer() {
  return process.env.TIERCACHE_REDIS_SERVER ?? findOnPath('redis-server') ?? findOnPath('valkey-server')
}

/** Returns the path of redis-cli (or Valkey's), if one is on PATH: it comes with the server. */
export function findRedisCli() {
  return findOnPath('redis-cli') ?? findOnPath('valkey-cli')
}

/** Makes sure that a redis-server is on PATH, and ends the process with the command to type if it cannot. */
export function ensureRedisServer() {
  if (findRedisServer() !== undefined) return
  const installer = INSTALLERS.find(({ tool }) => findOnPath(tool) !== undefined)
  if (installer === undefined) fail('. Install Redis 6.2 or later.')

  const { tool, install, optional, asUser = false, hint = install.join(' ') } = installer
  const command = asUser ? hint : `sudo ${hint}`
  if (process.env.TIERCACHE_NO_INSTALL === '1')
    fail(`, and TIERCACHE_NO_INSTALL=1 forbids installing it. Run: ${command}`)
  const prefix = asUser ? [] : rootPrefix()
  if (prefix === undefined) fail(`. Run: ${command}`)

  console.log(`No redis-server on PATH: installing it with ${tool} (${hint})`)
  if (optional !== undefined) succeeds([...prefix, ...optional])
  const installed = succeeds([...prefix, ...install])
  if (!installed || findRedisServer() === undefined) fail(`, and ${tool} could not install it. Run: ${command}`)
}

/** What to put before a command to run it as root without a question; `undefined` when there is no such way. */
function rootPrefix() {
  if (process.getuid?.() === 0) return []
  const sudo = findOnPath('sudo')
  if (sudo === undefined || spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status !== 0) return undefined
  return [sudo, '-n']
}

/** @param {readonly string[]} words */
function succeeds([command = '', ...args]) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

/** @param {string} name */
function findOnPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * @param {string} rest of the sentence, with what to do
 * @returns {never}
 */
function fail(rest) {
  console.error(`The tests need a redis-server on PATH${rest}`)
  process.exit(1)
}

// Installs the project's dependencies when node_modules does not match package-lock.json.
import { spawnSync } from 'node:child_process'
import { lstatSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** Runs `npm ci` when node_modules is missing or older than the lock file, and ends the process if that fails. */
export function ensureDependencies() {
  if (isInstalled(root)) return
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error(
      'node_modules is a link to packages of others, which npm ci would delete. Put a folder in its place, or install there.',
    )
    process.exit(1)
  }
  console.log('Installing the dependencies of package-lock.json (npm ci)')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  console.error('npm ci failed. Run it by hand in the project folder to see why.')
  process.exit(1)
}

/**
 * Tells whether node_modules holds what package-lock.json asks for.
 *
 * @param {string} folder the one with package-lock.json
 */
export function isInstalled(folder) {
  const wanted = join(folder, 'package-lock.json')
  const installed = join(folder, 'node_modules', '.package-lock.json') // npm writes it last
  const installedAt = statSync(installed, { throwIfNoEntry: false })?.mtimeMs
  if (installedAt === undefined) return false
  // A copy or a checkout gives files new times: then what the two say decides.
  return installedAt >= statSync(wanted).mtimeMs || hasPackages(readLock(wanted), readLock(installed))
}

/**
 * @typedef {{ packages: Record<string, { version?: string, optional?: boolean }> }} Lock
 * @param {string} file
 * @returns {Lock}
 */
function readLock(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/**
 * @param {Lock} wanted
 * @param {Lock} installed
 */
function hasPackages(wanted, installed) {
  return Object.entries(wanted.packages).every(([path, { version, optional }]) => {
    if (path === '') return true // the project itself
    const found = installed.packages[path]
    return found === undefined ? optional === true : found.version === version // optional: another platform's
  })
}

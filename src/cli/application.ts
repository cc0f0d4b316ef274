/** Loads the module of an application and tells Express from Koa by its shape. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Dispatch } from '../http/detached.ts'
import { UsageError } from './command.ts'

/** Where an application is looked for unless it is named. */
const usual = ['default', 'app'] as const

/**
 * Imports a module and finds the application that it exports: Express's or Koa's, a `(req, res)` listener, or a function that makes one.
 *
 * @param name the export; undefined = the default one, else `app`
 * @throws UsageError where there is none
 */
export async function loadApplication(folder: string, file: string, name: string | undefined): Promise<Dispatch> {
  const module = await imported(resolve(folder, file), file)
  const values = candidates(module, name)
  for (const value of values) {
    const dispatch = asDispatch(value) ?? (isFactory(value) ? asDispatch(await value()) : undefined)
    if (dispatch !== undefined) return dispatch
  }
  const wanted = name === undefined ? 'as its default or as `app`' : `as \`${name}\``
  const exported = Object.keys(module).filter((one) => one !== 'module.exports')
  throw new UsageError(
    `Expected ${file} to export an Express or Koa application ${wanted}, or a function that makes one. ` +
      `It exports ${exported.length === 0 ? 'nothing' : exported.join(', ')}`,
  )
}

async function imported(path: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    const isMissing = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND' && String(error).includes(path)
    if (isMissing) throw new UsageError(`There is no module ${file}`)
    throw error
  }
}

/** What is exported under the name, also by a CommonJS module, whose exports are all of the default one. */
function candidates(module: Readonly<Record<string, unknown>>, name: string | undefined): unknown[] {
  const whole = module.default
  const inner = typeof whole === 'object' && whole !== null ? (whole as Record<string, unknown>) : {}
  return (name === undefined ? usual : [name]).flatMap((one) => [module[one], inner[one]])
}

function asDispatch(value: unknown): Dispatch | undefined {
  if (typeof value === 'object' && value !== null && 'callback' in value && typeof value.callback === 'function') {
    return value.callback() as Dispatch
  }
  if (typeof value !== 'function') return undefined
  const isExpress = 'handle' in value && 'use' in value
  // A listener takes the request and its answer; a function that makes an application takes less.
  return isExpress || value.length >= 2 ? (value as Dispatch) : undefined
}

function isFactory(value: unknown): value is () => unknown {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value))
}

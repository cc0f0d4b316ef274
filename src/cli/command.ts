/** What a command of the CLI is: a name in a table, a text of help, and arguments that are read before it runs. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearestName } from '../errors.ts'

/** The process around a command, as far as it may use it. */
export interface Io {
  readonly stdin: AsyncIterable<Buffer | string>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined; readonly columns?: number }
  /** The folder that file names start from. */
  readonly folder: string
  /** Aborts when the user wants no more of it. */
  readonly signal: AbortSignal
}

/** 0 = done, 1 = some of it failed, 2 = wrong arguments. */
export type ExitCode = 0 | 1 | 2

/** One command. */
export interface Command {
  /** A line in the list of commands. */
  readonly summary: string
  /** What `--help` prints. */
  readonly help: string
  run(args: readonly string[], io: Io): Promise<ExitCode>
}

/** Arguments as they were read, typed by the options of the command. */
export type Parsed<Options extends NonNullable<ParseArgsConfig['options']>> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true; strict: true }>
>

/** The arguments are wrong: the user is told why, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads a command's arguments.
 *
 * @throws UsageError that names the nearest option where one is unknown
 */
export function parsed<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const { message } = error as Error
    const [, unknown] = /^Unknown option '--?([^']+)'/.exec(message) ?? []
    if (unknown === undefined) throw new UsageError(message)
    throw new UsageError(unknownName('option', unknown, Object.keys(options), '--'))
  }
}

/** Says that there is no such thing, and what may have been meant. */
export function unknownName(kind: string, name: string, known: readonly string[], prefix = ''): string {
  const nearest = nearestName(name, known)
  const list = known.map((one) => `${prefix}${one}`).join(', ')
  const hint = nearest === undefined ? `Known: ${list}` : `Did you mean ${prefix}${nearest}?`
  return `Unknown ${kind} ${prefix}${name}. ${hint}`
}

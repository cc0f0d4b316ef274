/** Finds the command that was asked for and runs it. */
import { readFileSync } from 'node:fs'
import { CacheConfigError } from '../errors.ts'
import { type Command, type ExitCode, type Io, UsageError, unknownName } from './command.ts'

/**
 * Runs one command line.
 *
 * @param args without the program's name
 * @returns the exit code; rejects with nothing that the user can mend by other arguments
 */
export async function runCli(
  commands: Readonly<Record<string, Command>>,
  args: readonly string[],
  io: Io,
): Promise<ExitCode> {
  const [name = '', ...rest] = args
  if (['--version', '-v'].includes(name)) return said(io, version())
  if ([...helping, 'help'].includes(name)) return said(io, overview(commands))
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return refused(io, name === '' ? overview(commands) : unknownCommand(name, commands))
  if (rest.some((one) => helping.includes(one))) return said(io, command.help)
  try {
    return await command.run(rest, io)
  } catch (error) {
    const isWrong = error instanceof UsageError || error instanceof CacheConfigError
    if (isWrong) return refused(io, `${error.message}\nMore: tiercache ${name} --help`)
    throw error
  }
}

const helping: readonly string[] = ['--help', '-h']

function said(io: Io, text: string): ExitCode {
  io.stdout.write(`${text}\n`)
  return 0
}

function refused(io: Io, text: string): ExitCode {
  io.stderr.write(`${text}\n`)
  return 2
}

function unknownCommand(name: string, commands: Readonly<Record<string, Command>>): string {
  const kind = name.startsWith('-') ? 'option' : 'command'
  return unknownName(kind, name, [...Object.keys(commands), '--help', '--version'])
}

function overview(commands: Readonly<Record<string, Command>>): string {
  const widest = Math.max(...Object.keys(commands).map(({ length }) => length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(widest)}  ${summary}`)
  return `Usage: tiercache COMMAND [arguments]\n\n${lines.join('\n')}\n\ntiercache COMMAND --help tells more. Exit codes: 0 done, 1 some of it failed, 2 wrong arguments.`
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(version)
}

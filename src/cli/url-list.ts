/** Lists of URLs, one a line: blank lines and those that begin with `#` are no URLs. */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type Io, UsageError } from './command.ts'

/**
 * The URLs of a command line: those it names, then those of a file. Standard input (`-`) is read as it comes; all else is an array.
 *
 * @throws UsageError where the file cannot be read
 */
export async function urlList(
  named: readonly string[],
  file: string | undefined,
  io: Io,
): Promise<readonly string[] | AsyncIterable<string>> {
  if (file === undefined) return named
  if (file === '-') return joined(named, linesOf(Readable.from(io.stdin)))
  try {
    const listed: string[] = []
    for await (const line of linesOf(createReadStream(resolve(io.folder, file)))) listed.push(line)
    return [...named, ...listed]
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${(error as Error).message}`)
  }
}

async function* joined(named: readonly string[], lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield* named
  yield* lines
}

async function* linesOf(input: Readable): AsyncGenerator<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  // An interface hears nothing of an input that fails.
  let failure: Error | undefined
  input.once('error', (error) => {
    failure = error
    lines.close()
  })
  for await (const line of lines) {
    const text = line.trim()
    if (text !== '' && !text.startsWith('#')) yield text
  }
  if (failure !== undefined) throw failure
}

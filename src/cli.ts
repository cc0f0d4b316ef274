#!/usr/bin/env node
/** The program `tiercache`: runs one command, and ends the process with its exit code. */
import { commands } from './cli/commands.ts'
import { runCli } from './cli/run-cli.ts'

const leaving = new AbortController()
// Once: whoever asks again wants it gone at once.
process.once('SIGINT', () => leaving.abort())
process.on('uncaughtException', (error: Error & { code?: string }) => {
  const hint =
    error.code === 'EADDRINUSE' ? 'The module listens as it is imported: export the application without that.\n' : ''
  process.stderr.write(`${error.stack ?? error}\n${hint}`)
  process.exit(1)
})

const { stdin, stdout, stderr } = process
const io = { stdin, stdout, stderr, folder: process.cwd(), signal: leaving.signal }
const code = await runCli(commands, process.argv.slice(2), io)
for (const stream of [stdout, stderr]) await new Promise((resolve) => stream.write('', resolve))
// An application that was loaded may keep connections and listeners open: nothing waits for them.
process.exit(code)

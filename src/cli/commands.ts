/** The commands of the CLI by their names. */
import type { Command } from './command.ts'
import { warmCommand } from './warm-command.ts'

/** In the order in which `--help` lists them. */
export const commands: Readonly<Record<string, Command>> = Object.freeze({ warm: warmCommand })

/** Colours for people at a terminal, none for files and pipes. */
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/** Paints `text` when standard output is a terminal and `NO_COLOR` is not set. */
export function paint(style: Style, text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text
}

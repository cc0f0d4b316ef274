// Names of safeguards as words, and traces compared with what they must contain.

/** `tokensAreUnique` as `tokens are unique`. */
export function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** Whether the text holds all of these, one behind the other. */
export function inOrder(text: string, parts: readonly string[]): boolean {
  let from = 0
  return parts.every((part) => {
    const at = text.indexOf(part, from)
    from = at + part.length
    return at !== -1
  })
}

// Reads a multipart/byteranges body the way a strict client does (RFC 9110 §14.6, RFC 2046 §5.1.1).

/** One part: its fields by lower-case name, and its bytes. */
export interface MultipartPart {
  readonly fields: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** @throws {Error} where the body is not made of parts of the boundary that the type names, from its first byte to its last */
export function readMultipart(type: string | undefined, body: Buffer): readonly MultipartPart[] {
  const [, boundary] = /^multipart\/byteranges; ?boundary=([\w'()+,.:=?-]{1,70})$/.exec(type ?? '') ?? []
  if (boundary === undefined) throw new Error(`No multipart/byteranges: ${type}`)
  const text = body.toString('latin1')
  const end = `--${boundary}--\r\n`
  if (!text.startsWith(`--${boundary}\r\n`) || !text.endsWith(`\r\n${end}`)) throw new Error(`No parts: ${text}`)
  const inner = text.slice(`--${boundary}\r\n`.length, -`\r\n${end}`.length)
  return inner.split(`\r\n--${boundary}\r\n`).map((part) => {
    const head = part.indexOf('\r\n\r\n')
    const lines = part.slice(0, head).split('\r\n')
    const fields = lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.replace(/^[^:]*: ?/, '')])
    return { fields: Object.fromEntries(fields), body: Buffer.from(part.slice(head + 4), 'latin1') }
  })
}

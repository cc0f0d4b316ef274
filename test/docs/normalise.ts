// Makes two outputs comparable: what differs from run to run or from machine to machine gets one form.

const volatile: readonly (readonly [RegExp, string])[] = [
  [/\r\n/g, '\n'],
  [/^Date: .*$/gm, 'Date: (now)'],
  [/^Age: \d+$/gm, 'Age: (s)'],
  [/\bttl=\d+/g, 'ttl=(s)'],
  [/\bdur=\d+\.\d+/g, 'dur=(ms)'],
  [/\b\d+\.\d{2,}\b/g, '(ms)'],
  [/\b\d+\.\d s\b/g, '(s)'],
  // Tables are as wide as their widest number.
  [/ {2,}/g, ' '],
  [/^ /gm, ''],
]

/** The text without what is volatile. */
export function normalise(text: string): string {
  return volatile.reduce((rest, [pattern, form]) => rest.replace(pattern, form), text).trim()
}

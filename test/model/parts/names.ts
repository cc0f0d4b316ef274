// What everyone is called in traces.

export const processName = (process: number): string => `P${process + 1}`
export const readerName = (reader: number): string => 'ABCDEF'[reader]!
export const writerName = (writer: number): string => 'WXYZ'[writer]!
export const tagName = (tag: number): string => 'tu'[tag]!

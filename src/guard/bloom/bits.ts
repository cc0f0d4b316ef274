/** Bits in this process's memory, in the order that Redis gives them: the first is the highest of the first byte. */

/** Sets one bit. */
export function setBit(bytes: Uint8Array, at: number): void {
  bytes[at >>> 3]! |= 0x80 >> (at & 7)
}

/** Whether a bit is set. */
export function hasBit(bytes: Uint8Array, at: number): boolean {
  return (bytes[at >>> 3]! & (0x80 >> (at & 7))) !== 0
}

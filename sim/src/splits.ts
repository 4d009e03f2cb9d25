/** How many bytes of what has arrived one read may bring: all, one, or up to the end of the first message. */
export function cutsOf(unread: Uint8Array): readonly number[] {
  // Whatever the wire format, a NUL this early would be part of an id.
  const end = unread.indexOf(0, 4) + 1
  return distinct([unread.length, 1, end > 0 ? end : 1])
}

/** How many bytes of a write the kernel may take at once, of what it has space for: all, one, or half. */
export function acceptsOf(space: number): readonly number[] {
  return distinct([space, 1, space >> 1])
}

/** Two answers that mean the same would make every schedule twice. */
function distinct(counts: readonly number[]): readonly number[] {
  return [...new Set(counts.filter((count) => count > 0))]
}

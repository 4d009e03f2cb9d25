/** How many bytes of what has arrived one read may bring: all, one, or up to `messageEnd`, if that is above 0. */
export function cutsOf(unread: Uint8Array, messageEnd: number): readonly number[] {
  return distinct([unread.length, 1, messageEnd > 0 ? messageEnd : 1])
}

/** How many bytes of a write the kernel may take at once, of what it has space for: all, one, or half. */
export function acceptsOf(space: number): readonly number[] {
  return distinct([space, 1, space >> 1])
}

/** Two answers that mean the same would make every schedule twice. */
function distinct(counts: readonly number[]): readonly number[] {
  return [...new Set(counts.filter((count) => count > 0))]
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo): not against malice, but against mistakes. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

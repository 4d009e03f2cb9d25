/** No slot: the end of a queue, an empty place, an unknown order. */
export const NONE = -1

/** The word at an index that is inside the array by construction. */
export function at(words: Int32Array, index: number): number {
  return words[index] ?? NONE
}

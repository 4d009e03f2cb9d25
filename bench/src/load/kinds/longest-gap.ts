/** The longest time without any arrival, between a beginning and an end. Times in ms. */
export class LongestGap {
  #longestMs = 0
  #heardAtMs = 0

  begin(atMs: number): void {
    this.#longestMs = 0
    this.#heardAtMs = atMs
  }

  /** Something has arrived. */
  heard(atMs: number): void {
    if (atMs - this.#heardAtMs > this.#longestMs) this.#longestMs = atMs - this.#heardAtMs
    this.#heardAtMs = atMs
  }

  end(atMs: number): number {
    this.heard(atMs)
    return this.#longestMs
  }
}

export interface Link<T> {
  item: T
  next: Link<T> | undefined
}

/** First in, first out, each in constant time. `Array.shift` moves all that is behind, once there are some 16,000. */
export class LinkedQueue<T> implements Iterable<T> {
  #first: Link<T> | undefined
  #last: Link<T> | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  /** For a loop where an iterator would cost too much. */
  get head(): Link<T> | undefined {
    return this.#first
  }

  get first(): T | undefined {
    return this.#first?.item
  }

  get last(): T | undefined {
    return this.#last?.item
  }

  push(item: T): void {
    const link: Link<T> = { item, next: undefined }
    if (this.#last) this.#last.next = link
    else this.#first = link
    this.#last = link
    this.#length++
  }

  /** Puts `item` in the place of the last one. */
  replaceLast(item: T): void {
    if (this.#last) this.#last.item = item
    else this.push(item)
  }

  /** Takes out the first one; undefined if there is none. Not the bare item, which may be undefined itself. */
  shift(): { readonly item: T } | undefined {
    const link = this.#first
    if (!link) return undefined
    this.#first = link.next
    if (!link.next) this.#last = undefined
    this.#length--
    return link
  }

  /** Takes out all of them. */
  takeAll(): T[] {
    const all: T[] = []
    for (let link = this.#first; link; link = link.next) all.push(link.item)
    this.#first = undefined
    this.#last = undefined
    this.#length = 0
    return all
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let link = this.#first; link; link = link.next) yield link.item
  }
}

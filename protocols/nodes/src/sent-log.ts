import type { ClientId } from '@switchyard/core'

/** Entries that are confirmed and not yet cut off. */
const SLACK = 1024

/** What was sent over one link and is not confirmed: for whom, in order. Says exactly what a break has taken. */
export class SentLog {
  #to: ClientId[] = []
  #messages: number[] = []
  #head = 0
  #sent = 0
  #confirmed = 0

  /** Messages that were ever sent. */
  get sent(): number {
    return this.#sent
  }

  get confirmed(): number {
    return this.#confirmed
  }

  get unconfirmed(): number {
    return this.#sent - this.#confirmed
  }

  /** Entries: consecutive messages for one client are one. */
  get length(): number {
    return this.#to.length - this.#head
  }

  add(to: ClientId, messages: number): void {
    this.#sent += messages
    const last = this.#to.length - 1
    const lastMessages = this.#messages[last]
    if (last >= this.#head && this.#to[last] === to && lastMessages !== undefined) {
      this.#messages[last] = lastMessages + messages
      return
    }
    this.#to.push(to)
    this.#messages.push(messages)
  }

  /** The first `messages` that were ever sent have arrived. Returns false for a count that cannot be: it lies. */
  confirm(messages: number): boolean {
    if (messages > this.#sent) return false
    while (this.#confirmed < messages) {
      const count = this.#messages[this.#head] ?? 0
      const taken = Math.min(count, messages - this.#confirmed)
      this.#confirmed += taken
      if (taken < count) {
        this.#messages[this.#head] = count - taken
        break
      }
      this.#head++
    }
    if (this.#head > SLACK && this.#head * 2 > this.#to.length) this.#cutOff()
    return true
  }

  /** What is not confirmed, in order. */
  *rest(): Generator<readonly [to: ClientId, messages: number]> {
    for (let index = this.#head; index < this.#to.length; index++) {
      const to = this.#to[index]
      const messages = this.#messages[index]
      if (to !== undefined && messages !== undefined) yield [to, messages]
    }
  }

  #cutOff(): void {
    this.#to = this.#to.slice(this.#head)
    this.#messages = this.#messages.slice(this.#head)
    this.#head = 0
  }
}

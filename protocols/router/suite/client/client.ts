import { bytesOf, dump, expectBytes, Session } from '@switchyard/conformance/portable'
import { ID_BYTES, message, readId } from './message.ts'

const NUL = 0

/** A client of the router: it has an id, and sends and receives messages that end with a NUL. */
export class Client extends Session {
  #id: number | undefined

  /** As the server sent it. Throws TypeError before `admitted` has answered true. */
  get id(): number {
    if (this.#id === undefined) throw new TypeError(`${this.name} has no id yet`)
    return this.#id
  }

  sendMessage(to: Client | number, body: string | Uint8Array = ''): Promise<void> {
    return this.send(message(typeof to === 'number' ? to : to.id, body))
  }

  /** Reads the id. False if the server closed instead, without a byte (R5.2). */
  async admitted(): Promise<boolean> {
    await this.until('its id', () => this.input.length >= ID_BYTES || this.ending !== undefined, 'admission')
    if (this.input.length >= ID_BYTES) {
      this.#id = readId(this.input.take(ID_BYTES))
      this.log?.id(this.#id)
      return true
    }
    if (this.input.length === 0) return false
    throw this.failed(`the connection ended in the middle of the id, after ${this.remains()}`)
  }

  /** The body of the next message; undefined if the connection ended before its NUL, what came of it being left there. */
  async nextOrEnd(): Promise<Uint8Array | undefined> {
    await this.until('a message', () => this.input.before(NUL) !== undefined || this.ending !== undefined, 'message')
    const length = this.input.before(NUL)
    return length === undefined ? undefined : this.input.take(length + 1).subarray(0, length)
  }

  /** The body of the next message. Throws Failed if the connection ends before its NUL. */
  async next(): Promise<Uint8Array> {
    const body = await this.nextOrEnd()
    if (body) return body
    throw this.failed(
      `expected a message, but the connection ended (${this.endingName()}); left over: ${this.remains()}`,
    )
  }

  /** Throws Failed unless the next message is this one. */
  async expect(body: string | Uint8Array): Promise<void> {
    const expected = bytesOf(body)
    expectBytes(`${this.name}: the message ${dump(expected)}`, expected, await this.next())
  }
}

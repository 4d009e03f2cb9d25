import { expectBytes, Session } from '@switchyard/conformance/portable'
import { ALIVE2_RESP, ALIVE2_X_RESP } from './message.ts'

/** A connection to EPMD: it sends one request, and reads the answer. */
export class Client extends Session {
  /** Throws Failed unless this is all that comes before the server's FIN. */
  async expectAnswer(answer: string | Uint8Array): Promise<void> {
    const expected = Buffer.from(answer)
    expectBytes(`${this.name}: the answer`, expected, await this.bytes(expected.length))
    await this.expectClosed('fin')
  }

  /** All that comes before the end. */
  async answer(): Promise<Uint8Array> {
    await this.closed()
    return this.input.take(this.input.length)
  }

  /** The creation with which it was registered (D2.2). Throws Failed if it was not. */
  async registered(version: 5 | 6 = 6): Promise<number> {
    const answer = await this.bytes(version === 6 ? 6 : 4)
    expectBytes(
      `${this.name}: the answer to ALIVE2`,
      Uint8Array.of(version === 6 ? ALIVE2_X_RESP : ALIVE2_RESP, 0),
      answer.subarray(0, 2),
    )
    return answer.subarray(2).reduce((creation, byte) => creation * 256 + byte, 0)
  }

  /** D2.4: what becomes of the connection is the server's choice. Throws Failed if it is registered. */
  async refused(): Promise<void> {
    const answer = await this.bytes(6)
    if (answer[0] !== ALIVE2_X_RESP || answer[1] === 0)
      throw this.failed(`expected a refusal, received ${answer.join(' ')}`, 'wrong-value')
  }
}

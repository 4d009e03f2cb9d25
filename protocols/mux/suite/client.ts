import { expectSame, expectTrue, Failed, Session } from '@switchyard/conformance/portable'
import {
  ACK,
  DATA,
  dataFrame,
  FIN,
  frame,
  GO_AWAY,
  HEADER_BYTES,
  headerIn,
  PING,
  SYN,
  WINDOW_UPDATE,
} from '../src/index.ts'
import type { Header } from '../src/index.ts'

export interface Frame extends Header {
  readonly body: Uint8Array
}

/** The end that has opened the connection: it opens streams with odd ids, and counts the frames that come. */
export class Client extends Session {
  /** Opens a stream, and waits for nothing. */
  open(stream: number): Promise<void> {
    return this.send(frame(WINDOW_UPDATE, SYN, stream, 0))
  }

  say(stream: number, text: string, flags = 0): Promise<void> {
    return this.send(dataFrame(stream, Buffer.from(text), flags))
  }

  /** The next frame. */
  async frame(): Promise<Frame> {
    const header = headerIn(await this.bytes(HEADER_BYTES))
    const body = header.type === DATA && header.length > 0 ? await this.bytes(header.length) : new Uint8Array(0)
    return { ...header, body }
  }

  /** The next frame of a stream that is not an ACK or credit; pings of the server's own are answered. */
  async nextOf(stream: number): Promise<Frame> {
    for (;;) {
      const next = await this.frame()
      if (next.type === PING && next.flags === SYN) await this.send(frame(PING, ACK, 0, next.length))
      else if (next.type === WINDOW_UPDATE && (next.flags & ~ACK) === 0) continue
      else if (next.stream === stream) return next
      else
        throw new Failed(
          `${this.name}: expected a frame of stream ${stream}, received type ${next.type} of ${next.stream}`,
          'wrong-value',
        )
    }
  }

  /** Throws Failed unless so much comes of a stream, in order, its first flags being those of its last frame. */
  async echoed(stream: number, bytes: number): Promise<{ readonly body: Uint8Array; readonly flags: number }> {
    const bodies: Uint8Array[] = []
    let flags = 0
    for (let got = 0; got < bytes;) {
      const next = await this.nextOf(stream)
      expectSame('the type of the frame', DATA, next.type)
      bodies.push(next.body)
      got += next.body.length
      flags = next.flags
    }
    return { body: Buffer.concat(bodies), flags }
  }

  async expectEcho(stream: number, text: string): Promise<void> {
    const { body } = await this.echoed(stream, text.length)
    expectSame(`what comes back in stream ${stream}`, text, Buffer.from(body).toString())
  }

  /** FIN came with the last frame, whose flags are given, or comes in the next one of the stream, of either type. */
  async expectFin(stream: number, flags: number): Promise<void> {
    const last = flags & FIN ? flags : (await this.nextOf(stream)).flags
    expectTrue((last & FIN) !== 0, 'the server has sent no FIN behind the echo')
  }

  /** The server says why, and ends the connection behind it. */
  async expectGoneAway(code: number): Promise<void> {
    for (;;) {
      const next = await this.frame()
      if (next.type !== GO_AWAY) continue
      expectSame('the code of the go-away', code, next.length)
      await this.closed()
      return
    }
  }
}

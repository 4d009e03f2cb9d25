import type { ClientId } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { StrictOutbox } from '../../test/outbox.ts'
import {
  ACK,
  DATA,
  dataFrame,
  FIN,
  frame,
  GO_AWAY,
  HEADER_BYTES,
  headerIn,
  Mux,
  PING,
  RST,
  SYN,
  WINDOW_BYTES,
  WINDOW_UPDATE,
} from '../src/index.ts'
import type { Header } from '../src/index.ts'

const TRUNK = 1
const LOCAL = 2

/** A trunk whose peer reads only when told to, and its local ends. */
class Stage extends StrictOutbox {
  readonly mux: Mux
  readonly paused = new Set<ClientId>()
  readonly asked = new Set<ClientId>()
  readonly closed: string[] = []
  readonly #queued = new Map<ClientId, Uint8Array[]>()

  constructor(echoes: boolean) {
    super()
    this.mux = new Mux({ keepaliveMs: 0 }, { opens: false, echoes })
    this.mux.connected(TRUNK, this, 'client')
  }

  receive(...frames: readonly Uint8Array[]): void {
    for (const bytes of frames) if (!this.paused.has(TRUNK)) this.mux.received(TRUNK, Uint8Array.from(bytes), this)
  }

  override queued(client: ClientId): number {
    return (this.#queued.get(client) ?? []).reduce((sum, { length }) => sum + length, 0)
  }

  /** The frames that the peer reads, all that are queued; then whoever asked hears that it drained. */
  read(): readonly Header[] {
    const frames = (this.#queued.get(TRUNK) ?? []).map((bytes) => headerIn(bytes))
    this.#queued.delete(TRUNK)
    if (this.asked.delete(TRUNK)) this.mux.drained(TRUNK, this)
    return frames
  }

  override give(to: ClientId, bytes: Uint8Array): void {
    const queued = this.#queued.get(to)
    if (queued) queued.push(bytes)
    else this.#queued.set(to, [bytes])
  }

  override send(to: ClientId, bytes: Uint8Array, start?: number, end?: number): void {
    this.give(to, bytes.slice(start, end))
  }

  override whenQueued(client: ClientId): void {
    this.asked.add(client)
  }

  override pause(client: ClientId): void {
    this.paused.add(client)
  }

  override resume(client: ClientId): void {
    this.paused.delete(client)
  }

  override pace(): void {}

  override close(client: ClientId, why?: string): void {
    this.closed.push(`${client}: ${why}`)
  }

  override abort(client: ClientId, _reason: string, why?: string): void {
    this.closed.push(`${client}: ${why}`)
  }

  override finish(client: ClientId): void {
    this.closed.push(`${client}: FIN`)
  }
}

describe('a peer that does not read', () => {
  test.each([
    ['pings', 0, (index: number) => frame(PING, SYN, 0, index)],
    ['opens streams', 256, (index: number) => frame(WINDOW_UPDATE, SYN, 2 * index + 1, 0)],
  ])('and %s, a million times, is read no more: what is queued for it is bounded', (_, unanswered, frameOf) => {
    const stage = new Stage(false)
    let sent = 0
    for (; sent < 1_000_000 && !stage.paused.has(TRUNK); sent++) stage.receive(frameOf(sent))
    expect(stage.queued(TRUNK)).toBeLessThanOrEqual(256 * 1024 + HEADER_BYTES)
    expect(stage.read()).toHaveLength(sent - unanswered)
    expect(stage.paused.size).toBe(0)
  })

  test('gets data until two buffers of it are queued, and the rest in turn when it reads', () => {
    const stage = new Stage(true)
    const ids = [1, 3, 5, 7]
    for (const id of ids) {
      stage.receive(frame(WINDOW_UPDATE, SYN, id, 0), dataFrame(id, new Uint8Array(WINDOW_BYTES / 2)))
    }
    expect(stage.queued(TRUNK)).toBeLessThanOrEqual(128 * 1024 + 40 * 1024)
    let bytes = 0
    for (let frames = stage.read(); frames.length > 0; frames = stage.read()) {
      for (const { type, length } of frames) if (type === DATA) bytes += length
    }
    expect(bytes).toBe(ids.length * (WINDOW_BYTES / 2))
  })
})

describe('streams that nobody takes', () => {
  test('wait in a backlog of 256, and the next one is reset', () => {
    const stage = new Stage(false)
    for (let index = 0; index < 257; index++) stage.receive(frame(WINDOW_UPDATE, SYN, 2 * index + 1, 0))
    expect(
      stage
        .read()
        .filter(({ flags }) => flags === RST)
        .map(({ stream }) => stream),
    ).toEqual([513])
  })

  test('are acknowledged when somebody takes them, the oldest first', () => {
    const stage = new Stage(false)
    for (const id of [1, 3]) stage.receive(frame(WINDOW_UPDATE, SYN, id, 0))
    expect(stage.read()).toEqual([])
    for (const local of [LOCAL, LOCAL + 1, LOCAL + 2]) stage.mux.connected(local, stage, 'acceptor')
    stage.receive(frame(WINDOW_UPDATE, SYN, 5, 0))
    expect(stage.read().map(({ flags, stream }) => [flags, stream])).toEqual([
      [ACK, 1],
      [ACK, 3],
      [ACK, 5],
    ])
  })

  test('keep what has come for whoever takes them, FIN included', () => {
    const stage = new Stage(false)
    stage.receive(frame(WINDOW_UPDATE, SYN, 1, 0), dataFrame(1, Uint8Array.of(7, 8), FIN))
    expect(stage.mux.heldBytes(TRUNK)).toBe(2)
    stage.mux.connected(LOCAL, stage, 'acceptor')
    expect(stage.queued(LOCAL)).toBe(4 + 2)
    expect(stage.closed).toEqual([`${LOCAL}: FIN`])
  })
})

describe('of streams that this end opens,', () => {
  const opened = (stage: Stage): readonly number[] =>
    stage
      .read()
      .filter(({ flags }) => flags === SYN)
      .map(({ stream }) => stream)
  const all = 256 + 3
  const opening = (): Stage => {
    const stage = new Stage(false)
    for (let index = 0; index < all; index++) stage.mux.connected(LOCAL + index, stage, 'opener')
    return stage
  }

  test('256 are under way which the peer has not taken, and whoever opens more waits in line', () => {
    const stage = opening()
    expect(opened(stage)).toHaveLength(256)
    stage.receive(frame(WINDOW_UPDATE, ACK, 4, 0), frame(WINDOW_UPDATE, ACK, 4, 0))
    expect(opened(stage)).toEqual([2 * 257])
    stage.receive(dataFrame(2, Uint8Array.of(1), ACK))
    expect(opened(stage)).toEqual([2 * 258])
    stage.receive(frame(WINDOW_UPDATE, RST, 6, 0))
    expect(opened(stage)).toEqual([2 * 259])
    expect(stage.queued(LOCAL + all - 1)).toBe(4)
  })

  test('those that wait end when the peer goes away, and one that leaves is passed over', () => {
    const stage = opening()
    stage.read()
    stage.mux.disconnected(LOCAL + 256, stage)
    stage.receive(frame(WINDOW_UPDATE, ACK, 2, 0))
    expect(stage.queued(LOCAL + 257)).toBe(4)
    stage.receive(frame(GO_AWAY, 0, 0, 0))
    expect(stage.closed).toEqual([`${LOCAL + 258}: the peer has gone away`])
  })
})

test('an opener waits for a trunk, and for another one when the peer of the first takes no more and is gone', () => {
  const stage = new Stage(false)
  stage.mux.disconnected(TRUNK, stage)
  for (let index = 0; index < 257; index++) stage.mux.connected(LOCAL + index, stage, 'opener')
  expect(stage.queued(LOCAL)).toBe(0)
  stage.mux.connected(TRUNK, stage, 'client')
  expect([stage.queued(LOCAL), stage.queued(LOCAL + 256)]).toEqual([4, 0])
  stage.mux.connected(LOCAL + 257, stage, 'client')
  stage.mux.disconnected(TRUNK, stage)
  expect(stage.queued(LOCAL + 256)).toBe(4)
})

describe('what local ends bring in one turn', () => {
  const twoStreams = (): Stage => {
    const stage = new Stage(false)
    for (const [id, local] of [
      [1, LOCAL],
      [3, LOCAL + 1],
    ] as const) {
      stage.receive(frame(WINDOW_UPDATE, SYN, id, 0))
      stage.mux.connected(local, stage, 'acceptor')
    }
    stage.read()
    for (const local of [LOCAL, LOCAL + 1]) stage.mux.received(local, Uint8Array.of(local), stage)
    stage.mux.finished(LOCAL, stage)
    return stage
  }
  const kinds = (frames: readonly Header[]): readonly (readonly number[])[] =>
    frames.map(({ type, flags, stream, length }) => [type, flags, stream, length])
  const all = [
    [DATA, 0, 1, 1],
    [WINDOW_UPDATE, FIN, 1, 0],
    [DATA, 0, 3, 1],
  ]

  test('leaves at its end, together', () => {
    const stage = twoStreams()
    expect(stage.read()).toEqual([]) // And with that the turn ends.
    expect(kinds(stage.read())).toEqual(all)
  })

  test('leaves before the go-away, if the server stops in that turn', () => {
    const stage = twoStreams()
    stage.mux.stopping(stage)
    expect(kinds(stage.read())).toEqual([...all, [GO_AWAY, 0, 0, 0]])
  })
})

test('FIN goes in a frame of its own, behind the last data', () => {
  const stage = new Stage(true)
  stage.receive(frame(WINDOW_UPDATE, SYN, 1, 0), dataFrame(1, Uint8Array.of(7), FIN))
  expect(stage.read().map(({ type, flags, length }) => [type, flags, length])).toEqual([
    [WINDOW_UPDATE, ACK, 0],
    [DATA, 0, 1],
    [WINDOW_UPDATE, FIN, 0],
  ])
})

test('10,000 streams opened and closed leave nothing', () => {
  const stage = new Stage(true)
  for (let index = 0; index < 10_000; index++) {
    const id = 2 * index + 1
    stage.receive(frame(WINDOW_UPDATE, SYN, id, 0), dataFrame(id, Uint8Array.of(1), FIN))
    expect(stage.read().filter(({ flags }) => flags === RST)).toEqual([])
  }
  expect(stage.closed).toEqual([])
  expect(stage.mux.heldBytes(TRUNK)).toBe(0)
  stage.mux.disconnected(TRUNK, stage)
  expect(stage.closed).toEqual([])
})

import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../src/clock.ts'
import { pair } from '../src/pair.ts'

/** Turns end when the test says so. */
class ManualTurns implements Clock {
  /** How often the end of a turn was asked for. */
  asked = 0
  #due: (() => void)[] = []

  now(): number {
    return 0
  }

  after(): () => void {
    return () => {}
  }

  turn(fn: () => void): void {
    this.asked++
    this.#due.push(fn)
  }

  end(): void {
    const due = this.#due
    this.#due = []
    for (const fn of due) fn()
  }
}

function written(stream: Duplex, bytes: Uint8Array): Promise<Error | null | undefined> {
  return new Promise((resolve) => {
    stream.write(bytes, resolve)
  })
}

/** Not by iteration, which destroys a stream at FIN. */
function buffer(stream: Duplex): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
  })
}

describe('a pair', () => {
  test('brings everything, in order, by megabytes and both ways at once', async () => {
    const ends = pair()
    const sent = Array.from({ length: 300 }, (_, index) => new Uint8Array(10_007).fill(index))
    const received = ends.map((end) => buffer(end))
    for (const end of ends) {
      for (const chunk of sent) await written(end, chunk)
      end.end()
    }
    for (const bytes of await Promise.all(received)) expect(bytes.equals(Buffer.concat(sent))).toBe(true)
  })

  test('delivers when the turn ends, not inside of the write', async () => {
    const clock = new ManualTurns()
    const [one, other] = pair({ clock })
    other.read(0)
    one.write('a')
    expect(other.readableLength).toBe(0)
    clock.end()
    expect(String(other.read())).toBe('a')
  })

  test('goes on where only `readable` is listened to', async () => {
    const [one, other] = pair()
    for (let round = 0; round < 5; round++) {
      const readable = once(other, 'readable')
      one.write(`${round}`)
      await readable
      expect(String(other.read())).toBe(`${round}`)
      expect(other.read()).toBe(null)
    }
  })

  test('takes as much as its capacity though nobody reads, and tells what is unread', async () => {
    const [one, other] = pair({ capacity: 1000 })
    await written(one, new Uint8Array(999))
    expect(one.peerUnreadBytes).toBe(999)
    let done = false
    const second = written(one, new Uint8Array(500)).then(() => (done = true))
    await new Promise((resolve) => void setImmediate(resolve))
    expect(done).toBe(false)
    const taken = once(one, 'taken')
    other.resume()
    await taken
    await second
    expect(one.peerUnreadBytes).toBe(0)
  })

  test('copies what was written: the memory can be used again', async () => {
    const [one, other] = pair()
    const memory = new Uint8Array(4).fill(1)
    await written(one, memory)
    memory.fill(2)
    one.end()
    expect([...(await buffer(other))]).toEqual([1, 1, 1, 1])
  })

  test('is half-open: behind its FIN an end still reads', async () => {
    const [one, other] = pair()
    one.end('question')
    expect(String(await buffer(other))).toBe('question')
    other.end('answer')
    expect(String(await buffer(one))).toBe('answer')
    if (!one.closed) await once(one, 'close')
    expect(other.errored).toBe(null)
  })

  test('a reset reaches the other end as ECONNRESET, and a write to it fails', async () => {
    const [one, other] = pair()
    const failed = once(other, 'error')
    one.destroy()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
    expect(await written(other, new Uint8Array(1))).toBeInstanceOf(Error)
  })

  test('several writes of a turn are delivered by one', () => {
    const clock = new ManualTurns()
    const [one, other] = pair({ clock })
    other.read(0)
    clock.end()
    clock.asked = 0
    for (const text of ['a', 'b', 'c']) one.write(text)
    expect(clock.asked).toBe(1)
  })

  test('tells its peer once of what was read, and of nothing else', async () => {
    const clock = new ManualTurns()
    const [one, other] = pair({ clock })
    let told = 0
    one.on('taken', () => told++)
    other.read(0)
    one.write('ab')
    clock.end()
    expect(told).toBe(0)
    other.read(1)
    other.read()
    clock.end()
    expect(told).toBe(2)
    one.write('cd')
    clock.end()
    expect(told).toBe(2)
    other.read()
    expect([told, one.peerUnreadBytes]).toEqual([3, 0])
  })

  test('FIN reaches an end that waits, with nothing in front of it', async () => {
    const clock = new ManualTurns()
    const [one, other] = pair({ clock })
    const ended = once(other, 'end')
    other.read(0)
    clock.end()
    const finished = once(one, 'finish')
    one.end()
    await finished
    clock.end()
    other.read()
    await ended
  })

  test('an end that went in order leaves EPIPE to whoever writes on', async () => {
    const [one, other] = pair()
    one.on('error', () => {}) // The callback tells of it.
    other.end()
    await buffer(one)
    other.destroy()
    expect(await written(one, new Uint8Array(1))).toMatchObject({ code: 'EPIPE' })
  })

  test('an end that is gone has nothing unread', () => {
    const [one, other] = pair({ clock: new ManualTurns() })
    other.on('error', () => {})
    one.write('abc')
    expect(one.peerUnreadBytes).toBe(3)
    other.destroy()
    expect(one.peerUnreadBytes).toBe(0)
  })

  test('is reset by an end that had sent FIN, if it wants to', async () => {
    const [one, other] = pair()
    other.resume()
    one.end()
    await once(other, 'end')
    const failed = once(other, 'error')
    expect(one.resetAndDestroy()).toBe(one)
    expect(one.destroyed).toBe(true)
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test('a write that waits for room ends when its reader is gone', async () => {
    const [one, other] = pair({ capacity: 10 })
    one.on('error', () => {}) // The callback tells of it.
    const waits = written(one, new Uint8Array(20))
    other.destroy()
    expect(await waits).toMatchObject({ code: 'EPIPE' })
  })
})

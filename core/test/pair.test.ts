import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../src/clock.ts'
import { pair } from '../src/pair.ts'
import { bytesOf, expectBytes, KiB, ticks } from './support.ts'

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

/** As a server's connection reads: whatever is there, when it hears that something is; it asks again when that is nothing. */
function readsAsConnection(stream: Duplex): Promise<{ readonly bytes: Buffer; readonly longest: number }> {
  const chunks: Uint8Array[] = []
  return new Promise((resolve, reject) => {
    const take = (): void => {
      for (let chunk: unknown = stream.read(); chunk instanceof Uint8Array; chunk = stream.read()) chunks.push(chunk)
      stream.read(0)
    }
    stream.on('readable', take)
    stream.on('end', () =>
      resolve({ bytes: Buffer.concat(chunks), longest: Math.max(...chunks.map(({ length }) => length)) }),
    )
    stream.on('error', reject)
    take()
  })
}

describe('a pair with an end that is served', () => {
  const served = true

  test('brings everything, in order, by megabytes and both ways at once, a read of 64 KiB at most', async () => {
    const [user, connection] = pair({ served })
    const sent = Array.from({ length: 300 }, (_, index) => new Uint8Array(10_007).fill(index))
    const all = Buffer.concat(sent)
    const [there, back] = [readsAsConnection(connection), readsAsConnection(user)]
    for (const end of [user, connection]) {
      for (const chunk of sent) await written(end, chunk)
      end.end()
    }
    const { bytes, longest } = await there
    expect(bytes.equals(all)).toBe(true)
    expect(longest).toBeLessThanOrEqual(64 * 1024)
    expect((await back).bytes.equals(all)).toBe(true)
  })

  test('delivers when the turn ends, and several writes of a turn at once', () => {
    const clock = new ManualTurns()
    const [user, connection] = pair({ clock, served })
    let heard = 0
    connection.on('readable', () => heard++)
    for (const text of ['a', 'b', 'c']) user.write(Buffer.from(text))
    expect(heard).toBe(0)
    clock.end()
    expect(heard).toBe(1)
    expect([...connection.read()]).toEqual([...Buffer.from('abc')])
  })

  test('what did not fit into one read is told of again to who asks', () => {
    const clock = new ManualTurns()
    const [user, connection] = pair({ clock, served })
    let heard = 0
    connection.on('readable', () => heard++)
    for (const first of [1, 2]) user.write(new Uint8Array(40 * KiB).fill(first))
    clock.end()
    expectBytes(connection.read(), new Uint8Array(40 * KiB).fill(1))
    clock.end()
    expect(heard).toBe(1)
    expect(connection.read(0)).toBe(null)
    clock.end()
    expect(heard).toBe(2)
    expectBytes(connection.read(), new Uint8Array(40 * KiB).fill(2))
  })

  test('a write is done when the turn ends, in order; what the peer has no room for waits', async () => {
    const clock = new ManualTurns()
    const [user, connection] = pair({ clock, served, capacity: 100 })
    const done: string[] = []
    const write = (first: number, length: number): boolean =>
      connection.write(bytesOf(length, first), () => done.push(`from ${first}`))
    expect([write(0, 30), write(30, 30)]).toEqual([true, true])
    expect(connection.writableLength).toBe(0)
    write(60, 60)
    write(120, 1)
    expect([connection.writableLength > 0, done]).toEqual([true, []])
    user.read(0)
    clock.end()
    expect(done).toEqual(['from 0', 'from 30'])
    let read: Buffer = user.read()
    expect([connection.peerUnreadBytes, connection.writableLength], 'there is room, and writes wait').toEqual([0, 61])
    write(121, 1)
    while (read.length < 122) {
      user.read(0)
      await ticks()
      clock.end()
      read = Buffer.concat([read, user.read() ?? Buffer.of()])
    }
    await ticks()
    expectBytes(read, bytesOf(122))
    expect(done).toEqual(['from 0', 'from 30', 'from 60', 'from 120', 'from 121'])
  })

  test('copies what was written, but for memory that nobody writes to again', () => {
    const clock = new ManualTurns()
    const [user, connection] = pair({ clock, served })
    const [copied, owned] = [new Uint8Array(4).fill(1), new Uint8Array(4).fill(1)]
    user.read(0)
    connection.own?.(owned)
    connection.write(owned)
    connection.write(copied)
    copied.fill(2)
    owned.fill(2)
    clock.end()
    expect([...user.read()]).toEqual([2, 2, 2, 2, 1, 1, 1, 1])
  })

  test('a reset reaches the other end as ECONNRESET, with what is unread gone', async () => {
    const [user, connection] = pair({ served })
    connection.on('error', () => {})
    user.write(new Uint8Array(3))
    expect(user.peerUnreadBytes).toBe(3)
    const failed = once(user, 'error')
    connection.destroy()
    expect(user.peerUnreadBytes).toBe(0)
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
    expect(await written(connection, new Uint8Array(1))).toBeInstanceOf(Error)
  })

  test('something unread resets the other end, though FIN was sent', async () => {
    const [user, connection] = pair({ served })
    user.write(new Uint8Array(3))
    const finished = once(connection, 'finish')
    connection.end()
    await finished
    const failed = once(user, 'error')
    connection.destroy()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test.each([
    ['behind its own end', 'ERR_STREAM_DESTROYED', (_, connection) => connection.destroy()],
    ['behind that of its peer', 'EPIPE', (user) => user.destroy()],
    ['behind FIN', 'ERR_STREAM_WRITE_AFTER_END', (_, connection) => connection.end()],
  ] satisfies readonly (readonly [string, string, (user: Duplex, connection: Duplex) => void])[])(
    'a write %s fails with %s, and nobody reads it',
    async (_, code, end) => {
      const [user, connection] = pair({ served })
      for (const each of [user, connection]) each.on('error', () => {})
      end(user, connection)
      expect(await written(connection, new Uint8Array(3))).toMatchObject({ code })
      expect(connection.peerUnreadBytes).toBe(0)
    },
  )
})

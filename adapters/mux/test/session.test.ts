import { EventEmitter, once } from 'node:events'
import type { Duplex } from 'node:stream'
import { ManualClock, pair } from '@switchyard/core'
import type { Listener, Pattern } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { frame, PING, SYN } from '@switchyard/protocols/mux'
import { encodeMessage, Router } from '@switchyard/protocols/router'
import { describe, expect, test } from 'vitest'
import { MuxListener, Session } from '../src/index.ts'

const CAPACITY = 64 * 1024
const WAYS = ['one way', 'both ways at once'] as const
/** Their lock, or dispatcher, waits with the trunk's write: two such ends that both fill wait for each other. That is their price. */
const WAITS_WITH_A_WRITE = ['mutex', 'channels']

function sessions(client: Pattern, server: Pattern = client): readonly [Session, Session] {
  const [near, far] = pair({ capacity: CAPACITY })
  return [
    new Session(near, { pattern: client, side: 'opens-trunks' }),
    new Session(far, { pattern: server, side: 'accepts-trunks' }),
  ]
}

function all(stream: Duplex): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
  })
}

async function take(stream: Duplex, count: number): Promise<Buffer> {
  for (;;) {
    const bytes: Uint8Array | null = stream.read(count)
    if (bytes) return Buffer.from(bytes)
    await once(stream, 'readable')
  }
}

/** Each test looks at the failures that it expects. */
async function opened(session: Session): Promise<Duplex> {
  const stream = await session.openStream()
  return stream.on('error', () => {})
}

async function next(session: Session): Promise<Duplex> {
  for await (const stream of session) return stream.on('error', () => {})
  throw new Error('the session has ended')
}

describe.each(PATTERNS)('a session on $name', (pattern) => {
  test('brings a stream to the peer, both ways, each with its FIN', async () => {
    const [near, far] = sessions(pattern)
    const stream = await opened(near)
    stream.end('question')
    const other = await next(far)
    expect(String(await all(other))).toBe('question')
    other.end('answer')
    expect(String(await all(stream))).toBe('answer')
    await Promise.all([near.close(), far.close()])
  })

  test.each(WAYS.filter((way) => way === 'one way' || !WAITS_WITH_A_WRITE.includes(pattern.name)))(
    'brings megabytes through, %s, whole and in order',
    async (way) => {
      const [near, far] = sessions(pattern)
      const bytes = Buffer.from(Array.from({ length: 2 ** 20 }, (_, index) => (index * 31) % 251))
      const streams = [await opened(near), await opened(near)]
      const others = [await next(far), await next(far)]
      const received = [...streams, ...others].map(all)
      for (const stream of streams) stream.end(bytes)
      for (const other of others) other.end(way === 'one way' ? undefined : bytes)
      for (const [index, each] of (await Promise.all(received)).entries()) {
        expect(each.equals(way === 'one way' && index < 2 ? Buffer.alloc(0) : bytes)).toBe(true)
      }
      await Promise.all([near.close(), far.close()])
    },
  )

  test('pings: the time by its clock; two that are asked for meanwhile share the next', async () => {
    const [near, far] = sessions(pattern)
    const [first, second, third] = [near.ping(), near.ping(), near.ping()]
    expect(second).toBe(third)
    expect(second).not.toBe(first)
    expect(await first).toBeGreaterThanOrEqual(0)
    expect(await second).toBeGreaterThanOrEqual(0)
    expect(await far.ping()).toBeGreaterThanOrEqual(0)
    await near.close()
    await expect(near.ping()).rejects.toMatchObject({ code: 'ended' })
    await far.close()
  })

  test('a peer that is gone is found within two intervals, and everybody who waits hears why', async () => {
    const clock = new ManualClock()
    const [near, far] = pair({ capacity: CAPACITY })
    far.on('error', () => {}) // It hears all, and says nothing.
    const keepalive = Buffer.from(frame(PING, SYN, 0, 0))
    let heard = Buffer.alloc(0)
    const pinged = new Promise<void>((resolve) => {
      far.on('data', (bytes: Uint8Array) => {
        heard = Buffer.concat([heard, bytes])
        if (heard.includes(keepalive)) resolve()
      })
    })
    const session = new Session(near, { pattern, side: 'opens-trunks', clock, keepaliveMs: 1000 })
    const stream = await opened(session)
    const reset = once(stream, 'error')
    const ended = once(session, 'close')
    const unanswered = expect(session.ping()).rejects.toMatchObject({ code: 'ended' })
    clock.advance(1000)
    await pinged
    clock.advance(1000)
    expect(await ended).toMatchObject([{ code: 'no-answer' }])
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }])
    await unanswered
    await expect(session.openStream()).rejects.toMatchObject({ code: 'ended' })
  })

  test('a go-away: no more streams, and those that are open go on', async () => {
    const [near, far] = sessions(pattern)
    const stream = await opened(near)
    const other = await next(far)
    const heard = once(near, 'going-away')
    far.goAway()
    expect(await heard).toEqual([0])
    await expect(near.openStream()).rejects.toMatchObject({ code: 'going-away' })
    stream.write('still')
    expect(String(await take(other, 5))).toBe('still')
    const closed = once(near, 'close')
    await far.close()
    expect(await closed).toMatchObject([{ code: 'peer-closed' }])
    await near.close()
  })

  test('a reset ends the stream at the other end, and no other', async () => {
    const [near, far] = sessions(pattern)
    const [stream, standing] = [await opened(near), await opened(near)]
    const [other, still] = [await next(far), await next(far)]
    const failed = once(other, 'error')
    stream.destroy()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
    standing.write('on')
    expect(String(await take(still, 2))).toBe('on')
    await Promise.all([near.close(), far.close()])
  })

  test('whose connection ends opens no more streams, and ends those that stand', async () => {
    const [near, far] = sessions(pattern)
    const stream = await opened(near)
    const closed = new Promise((resolve) => stream.on('error', resolve).on('close', resolve))
    stream.resume()
    await next(far)
    await far.close()
    await closed
    await near.close()
    await expect(near.openStream()).rejects.toMatchObject({ code: 'ended' })
  })

  test.each(PATTERNS)('is a listener: $name runs a router on its streams', async (above) => {
    const [near, far] = sessions(pattern)
    const router = above.serve(new Router({ messageBytesMax: 2 ** 20 }), far)
    const [a, b] = [await opened(near), await opened(near)]
    const [, to] = [await take(a, 4), await take(b, 4)]
    a.write(encodeMessage(to.readUInt32BE(), Buffer.from('over mux')))
    expect(String(await take(b, 8))).toBe('over mux')
    await Promise.all([router.shutdown(), near.close(), far.close()])
  })
})

test('a wait is told across both levels: the client above, its stream, and what that waits for', async () => {
  const [reactor] = PATTERNS.filter(({ name }) => name === 'reactor')
  if (!reactor) throw new Error('there is no reactor')
  const [near, far] = pair({ capacity: CAPACITY })
  const trunks: Listener & EventEmitter = Object.assign(new EventEmitter(), { close() {} })
  const listener = new MuxListener(trunks, { pattern: reactor })
  const router = reactor.serve(new Router({ messageBytesMax: 2 ** 20 }), listener, {
    journal: { opened: (client, stream) => listener.named(client, stream) },
  })
  trunks.emit('connection', far)
  await using session = new Session(near, { pattern: reactor, side: 'opens-trunks' })
  const [talker, silent] = [await opened(session), await opened(session)]
  const to = (await take(silent, 4)).readUInt32BE()
  for (let count = 0; count < 24; count++) talker.write(encodeMessage(to, Buffer.alloc(60_000, 'x')))
  const told = new RegExp(`client ${to} is stream 3 of connection 1, which waits for its peer to grant it a window`)
  await expect.poll(() => listener.render(router.waits)).toMatch(told)
  await Promise.all([router.shutdown(), session.close()])
  await listener[Symbol.asyncDispose]()
})

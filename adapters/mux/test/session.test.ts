import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pair } from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { encodeMessage, Router } from '@switchyard/protocols/router'
import { describe, expect, test } from 'vitest'
import { Session } from '../src/index.ts'

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

import { describe, expect, test } from 'vitest'
import { inProcess, verify } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { WireEvent } from '@switchyard/conformance'
import { WireLog } from '../../../../shared-tests/conformance/src/session/wire-log.ts'
import { reference } from './servers/reference.ts'

const KEPT_BYTES = 96

describe('a wire log', () => {
  test('tells what clients sent, received and met, in the order in which it happened', () => {
    let now = 100
    const log = new WireLog(() => now++)
    const [alice, bob] = [log.client('alice'), log.client('bob')]
    alice.mark('connected')
    bob.mark('connected')
    alice.id(7)
    alice.bytes('sent', Uint8Array.of(0, 0, 0, 8, 0x68, 0))
    bob.bytes('received', Uint8Array.of(0x68, 0))
    alice.mark('sent-fin')
    expect(log.events()).toEqual([
      { kind: 'connected', client: 'alice', atMs: 1 },
      { kind: 'connected', client: 'bob', atMs: 2 },
      { kind: 'id', client: 'alice', atMs: 3, id: 7 },
      { kind: 'sent', client: 'alice', atMs: 4, from: 0, hex: '000000086800' },
      { kind: 'received', client: 'bob', atMs: 5, from: 0, hex: '6800' },
      { kind: 'sent-fin', client: 'alice', atMs: 6 },
    ])
  })

  test.each([1, 7, KEPT_BYTES - 1, KEPT_BYTES, KEPT_BYTES + 1, 2 * KEPT_BYTES, 1_000, 100_000])(
    'keeps the first and the last bytes of a direction, in pieces of %d, and says how many it left out',
    (pieceBytes) => {
      const stream = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251)
      const log = new WireLog(() => 0)
      const client = log.client('alice')
      for (let at = 0; at < stream.length; at += pieceBytes) client.bytes('sent', stream.subarray(at, at + pieceBytes))
      const events = log.events()
      let at = 0
      let keptBytes = 0
      for (const event of events) {
        if (event.kind === 'left-out') at += event.bytes
        if (event.kind !== 'sent') continue
        const bytes = Buffer.from(event.hex, 'hex')
        expect(event.from).toBe(at)
        expect(Buffer.compare(bytes, stream.subarray(at, at + bytes.length))).toBe(0)
        at += bytes.length
        keptBytes += bytes.length
      }
      expect(at).toBe(stream.length)
      expect(events.filter(({ kind }) => kind === 'left-out')).toHaveLength(1)
      expect(keptBytes).toBeGreaterThanOrEqual(2 * KEPT_BYTES)
      expect(keptBytes).toBeLessThan(4 * KEPT_BYTES)
    },
  )

  test('leaves nothing out of what is short', () => {
    const log = new WireLog(() => 0)
    log.client('alice').bytes('sent', new Uint8Array(2 * KEPT_BYTES))
    expect(log.events().map(({ kind }) => kind)).toEqual(['sent', 'sent'])
  })

  test('keeps copies: a chunk that is used again changes nothing', () => {
    const log = new WireLog(() => 0)
    const chunk = Uint8Array.of(1, 2, 3)
    log.client('alice').bytes('received', chunk)
    chunk.fill(9)
    expect(log.events()).toMatchObject([{ hex: '010203' }])
  })

  test('is bounded in whatever a client does', () => {
    const log = new WireLog(() => 0)
    const client = log.client('alice')
    for (let i = 0; i < 10_000; i++) client.mark(i % 2 === 0 ? 'paused' : 'resumed')
    expect(log.events().length).toBeLessThan(100)
  })
})

test('a result holds the log of its case, passed or failed', async () => {
  const cases = CASES.filter(({ name }) => name.startsWith('a client that sends to itself receives'))
  for (const fault of ['none', 'ignores messages to oneself']) {
    const { results } = await verify(ROUTER, inProcess(ROUTER, reference(fault)), { cases, stillMs: 300 })
    const events = results[0]?.wire ?? []
    expect(of(events, 'id')).toEqual([
      { kind: 'id', client: 'client', id: 1, atMs: expect.any(Number) },
      { kind: 'id', client: 'other', id: 2, atMs: expect.any(Number) },
    ])
    const [first] = of(events, 'sent')
    expect(first).toMatchObject({ client: 'client', hex: `00000001${Buffer.from('to myself\0').toString('hex')}` })
  }
})

function of(events: readonly WireEvent[], wanted: WireEvent['kind']): WireEvent[] {
  return events.filter(({ kind }) => kind === wanted)
}

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Router } from '../src/router.ts'
import { ShortMessages } from '../src/short-messages.ts'
import { UnfinishedMessage } from '../src/unfinished-message.ts'

function messageOf(bytes: Uint8Array): UnfinishedMessage {
  const message = new UnfinishedMessage(2000)
  message.append(bytes, false)
  return message
}

test('in any history each client gets back its own bytes and capacity, and what is gone is gone', () => {
  const acts = fc.array(
    fc.record({ client: fc.integer({ min: 1, max: 90 }), length: fc.constantFrom(1, 63, 64, 65, 500, 1024) }),
    { minLength: 100, maxLength: 400, size: 'max' },
  )
  fc.assert(
    fc.property(acts, (history) => {
      const short = new ShortMessages()
      const model = new Map<number, UnfinishedMessage>()
      const scratch = new UnfinishedMessage(2000)
      for (const [number, { client, length }] of history.entries()) {
        const held = model.get(client)
        expect([short.has(client), short.heldBytes(client)]).toEqual([held !== undefined, held?.capacity ?? 0])
        if (held && length + held.length <= held.capacity) {
          const part = new Uint8Array(length).fill(number)
          expect([short.append(client, part), short.lengthOf(client)]).toEqual([true, length + held.length])
          held.append(part, false)
        } else if (held) {
          expect(short.append(client, new Uint8Array(length))).toBe(false)
          short.take(client, scratch)
          expect([Buffer.compare(scratch.bytes, held.bytes), scratch.capacity]).toEqual([0, held.capacity])
          model.delete(client)
        } else {
          const message = messageOf(new Uint8Array(length).fill(number))
          short.put(client, message)
          model.set(client, message)
        }
      }
      expect([...model.keys()].filter((client) => !short.has(client))).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('a message in as many pieces as it has bytes arrives whole, beside those of others, through all sizes', () => {
  const router = new Router({ messageBytesMax: 4000 }, null)
  const sent: string[] = []
  const out = {
    apart: false,
    abort: () => expect.unreachable(),
    send: (to: number, bytes: Uint8Array, start = 0, end: number = bytes.length) =>
      void sent.push(`${to}: ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`),
  }
  const lengths = [1, 50, 70, 300, 1100, 3000]
  const messages = lengths.map((length, client) => Buffer.from(`\0\0\0\u0001${`${client}`.repeat(length)}\0`, 'latin1'))
  for (let at = 0; at < 3010; at++) {
    for (const [client, message] of messages.entries()) {
      if (at < message.length) router.received(client, message.subarray(at, at + 1), out)
    }
  }
  expect(sent).toEqual(lengths.map((length, client) => `1: ${`${client}`.repeat(length)}\0`))
  expect(lengths.map((_, client) => router.heldBytes(client))).toEqual(lengths.map(() => 0))
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchOf, EqualMessages } from '../src/load/incoming.ts'

describe('a batch', () => {
  it('repeats its messages as often as they fit, at least once', () => {
    const message = messageOf(32)
    expect(batchOf([message], 70)).toEqual(Buffer.concat([message, message]))
    expect(batchOf([message], 1)).toEqual(message)
  })
})

describe('incoming bytes', () => {
  const streams = fc.record({
    messageBytes: fc.integer({ min: 1, max: 40 }),
    count: fc.integer({ min: 1, max: 20 }),
    cuts: fc.array(fc.nat(), { maxLength: 30 }),
  })

  it('are counted alike, however they are cut', () => {
    fc.assert(
      fc.property(streams, ({ messageBytes, count, cuts }) => {
        const incoming = new EqualMessages(messageOf(messageBytes))
        const stream = streamOf(messageBytes, count)
        for (const piece of pieces(stream, cuts)) {
          expect(incoming.take(piece)).toBe(true)
          expect(incoming.messages).toBe(Math.floor(incoming.bytes / messageBytes))
          expect(incoming.whole).toBe(incoming.bytes % messageBytes === 0)
        }
        expect(incoming.messages).toBe(count)
      }),
    )
  })

  it('are found out if one of the bytes looked at is wrong: a message from the front of each chunk', () => {
    fc.assert(
      fc.property(streams, fc.nat(), ({ messageBytes, count, cuts }, at) => {
        const incoming = new EqualMessages(messageOf(messageBytes))
        const all = pieces(streamOf(messageBytes, count), cuts)
        const last = Buffer.from(all.pop() ?? [])
        for (const piece of all) incoming.take(piece)
        const wrong = at % Math.min(last.length, messageBytes)
        last.writeUInt8(last.readUInt8(wrong) ^ 0xff, wrong)
        expect(incoming.take(last)).toBe(false)
      }),
    )
  })
})

function messageOf(messageBytes: number): Buffer {
  const message = Buffer.alloc(messageBytes, 9)
  message[messageBytes - 1] = 0
  return message
}

function streamOf(messageBytes: number, count: number): Buffer {
  return Buffer.from(batchOf([messageOf(messageBytes)], count * messageBytes))
}

function pieces(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set([...cuts.map((cut) => cut % stream.length), stream.length])].filter((end) => end > 0)
  let start = 0
  return ends
    .toSorted((a, b) => a - b)
    .map((end) => {
      const piece = stream.subarray(start, end)
      start = end
      return piece
    })
}

import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { CloseReason } from '../src/protocol.ts'
import { PLACES, Statistics } from '../src/statistics.ts'
import type { Close } from '../src/statistics.ts'

const HELD = { input: 1, chunks: 2, channels: 4, mailboxes: 8, queues: 16, sockets: 32 }
const NOTHING = { input: 0, chunks: 0, channels: 0, mailboxes: 0, queues: 0, sockets: 0 }

function close(client: number, reason: CloseReason = 'client-fin'): Close {
  return { client, reason, at: client * 10, bytesIn: client * 2, bytesOut: client * 3 }
}

test('a snapshot of nothing is all zeros, and names every reason', () => {
  expect(new Statistics().snapshot(0, NOTHING)).toEqual({
    connections: { open: 0, accepted: 0, refused: 0 },
    bytesIn: 0,
    bytesOut: 0,
    decided: { sends: 0, bytes: 0 },
    commits: 0,
    held: { ...NOTHING, total: 0 },
    drops: {
      'not-connected': { sends: 0, bytes: 0 },
      refused: { sends: 0, bytes: 0 },
      'mailbox-full': { sends: 0, bytes: 0 },
      aborted: { sends: 0, bytes: 0 },
    },
    closes: {
      'client-fin': 0,
      reset: 0,
      'message-too-long': 0,
      'write-deadline': 0,
      'held-bytes': 0,
      'protocol-abort': 0,
      'protocol-close': 0,
      'server-shutdown': 0,
      'shutdown-deadline': 0,
    },
    lastCloses: [],
    listenerErrors: 0,
  })
})

test('what is counted is where it belongs, and is plain data', () => {
  const statistics = new Statistics()
  statistics.accepted = 5
  statistics.refused = 1
  statistics.bytesIn = 10
  statistics.bytesOut = 20
  statistics.listenerErrors = 2
  statistics.decide(1, 8)
  statistics.decide(1, 9)
  statistics.drop('not-connected', 1, 100)
  statistics.drop('not-connected', 1, 50)
  statistics.drop('aborted', 0, 7)
  statistics.closed(close(1))
  statistics.closed(close(2, 'reset'))
  statistics.closed(close(3))
  const snapshot = statistics.snapshot(2, HELD)
  expect(snapshot).toMatchObject({
    connections: { open: 2, accepted: 5, refused: 1 },
    bytesIn: 10,
    bytesOut: 20,
    decided: { sends: 2, bytes: 17 },
    held: { ...HELD, total: 63 },
    drops: {
      'not-connected': { sends: 2, bytes: 150 },
      'mailbox-full': { sends: 0, bytes: 0 },
      aborted: { sends: 0, bytes: 7 },
    },
    closes: { 'client-fin': 2, reset: 1, 'write-deadline': 0 },
    lastCloses: [close(1), close(2, 'reset'), close(3)],
    listenerErrors: 2,
  })
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
})

test('a snapshot stays as it was', () => {
  const statistics = new Statistics()
  statistics.closed(close(1))
  const before = statistics.snapshot(1, NOTHING)
  const copy = structuredClone(before)
  statistics.closed(close(2))
  statistics.drop('aborted', 0, 7)
  statistics.bytesIn++
  expect(before).toEqual(copy)
})

test('every place where bytes can be is in the total', () => {
  for (const place of PLACES) {
    expect(new Statistics().snapshot(0, { ...NOTHING, [place]: 9 }).held.total, place).toBe(9)
  }
})

describe('the last closes', () => {
  test.each([999, 1000, 1001, 2001])('of %d are the last 1,000, oldest first; all are counted', (count) => {
    const statistics = new Statistics()
    for (let client = 1; client <= count; client++) statistics.closed(close(client))
    const { lastCloses, closes } = statistics.snapshot(0, NOTHING)
    const first = Math.max(1, count - 999)
    expect(lastCloses.map(({ client }) => client)).toEqual(
      Array.from({ length: count - first + 1 }, (_, index) => first + index),
    )
    expect(closes['client-fin']).toBe(count)
  })
})

test('a journal is told of what happens to connections, and of no message', () => {
  const told: unknown[] = []
  const statistics = new Statistics({
    opened: (client) => void told.push(['opened', client]),
    refused: () => void told.push('refused'),
    closed: ({ client, reason }) => void told.push(['closed', client, reason]),
    listenerFailed: ({ message }) => void told.push(message),
  })
  statistics.opened(1, new PassThrough())
  statistics.decide(1, 10)
  statistics.drop('aborted', 0, 10)
  statistics.refuse()
  statistics.closed(close(1, 'reset'))
  statistics.listenerFailed(new Error('no descriptors'))
  expect(told).toEqual([['opened', 1], 'refused', ['closed', 1, 'reset'], 'no descriptors'])
  expect(statistics.snapshot(0, NOTHING)).toMatchObject({
    connections: { accepted: 1, refused: 1 },
    closes: { reset: 1 },
    listenerErrors: 1,
  })
})

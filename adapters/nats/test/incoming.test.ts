import { expect, test } from 'vitest'
import { Incoming } from '../src/incoming.ts'

const SUBJECT = 'sw.c.node.1'
const OURS = ['', 'a', 'no end\r\nMSG sw.c.node.1 2 9\r\n', 'x'.repeat(300)]
const REST = [
  'INFO {"server_id":"MSG"}\r\n',
  '-ERR \'Permissions Violation for Subscription to "x"\'\r\n',
  'PING\r\n',
  `MSG sw.c.node.11 3 ${'MSG sw.c.node.1 2 1\r\n'.length}\r\nMSG sw.c.node.1 2 1\r\n\r\n`,
  'MSG sw.c.beat 1 reply.to 5\r\nhello\r\n',
  `HMSG ${SUBJECT}.x 1 12 17\r\nNATS/1.0\r\n\r\nhello\r\n`,
]

test.each([1, 2, 3, 7, 64, 10_000])('parts what comes, cut every %i bytes', (bytes) => {
  const taken: string[] = []
  let rest = ''
  const incoming = new Incoming({
    memory: (size) => new Uint8Array(size),
    take: (payload) => void taken.push(Buffer.from(payload).toString()),
    rest: (piece) => (rest += Buffer.from(piece).toString()),
  })
  incoming.listen(SUBJECT)
  const all = Buffer.from(
    OURS.map((payload, index) => `${REST.join('')}MSG ${SUBJECT} ${index} ${payload.length}\r\n${payload}\r\n`).join(
      '',
    ),
  )
  for (let at = 0; at < all.length; at += bytes) incoming.read(all.subarray(at, at + bytes))
  expect(taken).toEqual(OURS)
  expect(rest).toBe(OURS.map(() => REST.join('')).join(''))
})

test('the client reads everything until a subject is listened to', () => {
  let rest = ''
  const incoming = new Incoming({
    memory: (size) => new Uint8Array(size),
    take: () => expect.fail('nobody listens'),
    rest: (piece) => (rest += Buffer.from(piece).toString()),
  })
  const all = `MSG ${SUBJECT} 1 1\r\na\r\n`
  incoming.read(Buffer.from(all))
  expect(rest).toBe(all)
})

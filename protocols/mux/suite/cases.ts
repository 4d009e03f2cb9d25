import { clauseIn, concat, expectSame, expectTrue } from '@switchyard/conformance/portable'
import type { Case, CaseContext } from '@switchyard/conformance/portable'
import {
  ACK,
  DATA,
  dataFrame,
  FIN,
  frame,
  GO_AWAY,
  NORMAL,
  PING,
  PROTOCOL_ERROR,
  RST,
  SYN,
  WINDOW_BYTES,
  WINDOW_UPDATE,
} from '../src/index.ts'
import type { Client } from './client.ts'

type Context = CaseContext<Client>

const PIECE_BYTES = 16 * 1024
const KEEPALIVE_MS = 100

/** In the specification's order. */
export const CASES: readonly Case<Client>[] = [
  // 1 Frames ------------------------------------------------------------------------------------------------------------
  wired('M1.1-echo', 'a stream is opened and echoes', async (context) => {
    const client = await context.connect()
    await client.open(1)
    await client.say(1, 'hello')
    await client.expectEcho(1, 'hello')
  }),
  wired('M1.2-split-anywhere', 'frames that are split at any byte are handled like whole ones', async (context) => {
    const exchange = concat([
      frame(WINDOW_UPDATE, SYN, 1, 0),
      dataFrame(1, Buffer.from('split')),
      frame(PING, SYN, 0, 7),
    ])
    for (let at = 1; at < exchange.length; at++) {
      const client = await context.connect()
      await client.send(exchange.subarray(0, at))
      await client.send(exchange.subarray(at))
      let echo = ''
      let pings = 0
      while (echo.length < 5 || pings === 0) {
        const next = await client.frame()
        if (next.type === DATA) echo += Buffer.from(next.body).toString()
        if (next.type === PING) pings++
      }
      expectSame(`the echo of what was split at ${at}`, 'split', echo)
      client.end()
      await client.closed()
    }
  }),
  breaks('M1.3-unknown-version', 'version 1 is a protocol error', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)),
  breaks('M1.3-unknown-type', 'type 4 is a protocol error', frame(4, 0, 0, 0)),

  // 2 Streams -----------------------------------------------------------------------------------------------------------
  wired('M2.1-syn-is-acknowledged', 'SYN on a frame of either type is answered by ACK', async (context) => {
    const client = await context.connect()
    await client.open(1)
    await client.send(dataFrame(3, new Uint8Array(0), SYN))
    for (const stream of [1, 3]) {
      const { flags, stream: answered } = await client.frame()
      expectSame('the stream that is acknowledged', stream, answered)
      expectTrue((flags & ACK) !== 0, `stream ${stream} is answered with flags ${flags}, without ACK`)
    }
  }),
  wired('M2.2-streams-keep-apart', 'each of 64 streams brings back its own bytes, in order', async (context) => {
    const client = await context.connect()
    const ids = Array.from({ length: 64 }, (_, index) => 2 * index + 1)
    const heard = new Map<number, string>(ids.map((id) => [id, '']))
    for (const id of ids) await client.open(id)
    for (let round = 0; round < 5; round++) for (const id of ids) await client.say(id, `${id}:${round};`)
    const expected = (id: number): string => [0, 1, 2, 3, 4].map((round) => `${id}:${round};`).join('')
    while (ids.some((id) => (heard.get(id) ?? '').length < expected(id).length)) {
      const { type, stream, body } = await client.frame()
      if (type === DATA) heard.set(stream, (heard.get(stream) ?? '') + Buffer.from(body).toString())
    }
    for (const id of ids) expectSame(`what comes back in stream ${id}`, expected(id), heard.get(id))
  }),
  breaks('M2.3-open-twice', 'SYN for an open stream', concat([frame(1, SYN, 1, 0), frame(1, SYN, 1, 0)])),
  breaks('M2.3-even-id', 'SYN with an even id from the end that opened the connection', frame(1, SYN, 2, 0)),
  breaks('M2.3-stream-zero', 'data for stream 0', dataFrame(0, Uint8Array.of(1))),
  {
    id: 'M2.4-too-many-streams',
    clause: 'M2.4',
    name: 'of more streams than may be open the last ones are reset, and the first ones go on',
    needs: ['wire', 'limits'],
    options: { streamsMax: 3 },
    async run(context) {
      const client = await context.connect()
      for (const id of [1, 3, 5, 7]) await client.open(id)
      const answers = []
      for (let count = 0; count < 4; count++) answers.push((await client.frame()).flags)
      expectSame('the answers to four SYNs', [ACK, ACK, ACK, RST].join(), answers.join())
      await client.say(1, 'on')
      await client.expectEcho(1, 'on')
    },
  },

  // 3 Windows -----------------------------------------------------------------------------------------------------------
  wired('M3.1-waits-for-credit', 'the server sends a window, and more when it is granted more', async (context) => {
    const client = await context.connect()
    await client.open(1)
    await sendWindow(client, 1)
    await client.echoed(1, WINDOW_BYTES)
    await client.say(1, 'more')
    for (const ping of [1, 2]) {
      await client.send(frame(PING, SYN, 0, ping))
      for (let next = await client.frame(); next.type !== PING; next = await client.frame()) {
        expectSame('the type of what comes without credit', WINDOW_UPDATE, next.type)
      }
    }
    await client.send(frame(WINDOW_UPDATE, 0, 1, 4))
    await client.expectEcho(1, 'more')
  }),
  wired('M3.2-credit-comes', 'a peer that reads can send eight windows', async (context) => {
    const client = await context.connect()
    await client.open(1)
    let credit = WINDOW_BYTES
    let left = 8 * WINDOW_BYTES
    let back = 0
    while (back < 8 * WINDOW_BYTES) {
      for (; left > 0 && credit >= PIECE_BYTES; left -= PIECE_BYTES, credit -= PIECE_BYTES) {
        await client.send(dataFrame(1, new Uint8Array(PIECE_BYTES)))
      }
      const next = await client.frame()
      if (next.type === WINDOW_UPDATE) credit += next.length
      if (next.type !== DATA) continue
      back += next.body.length
      await client.send(frame(WINDOW_UPDATE, 0, 1, next.body.length))
    }
  }),
  breaks(
    'M3.3-beyond-the-window',
    'a frame of one byte more than the window',
    concat([frame(1, SYN, 1, 0), frame(DATA, 0, 1, WINDOW_BYTES + 1)]),
  ),

  // 4 Ends of streams ---------------------------------------------------------------------------------------------------
  wired('M4.1-fin-behind-data', 'FIN with data: the echo comes, and FIN behind it', async (context) => {
    const client = await context.connect()
    await client.open(1)
    await client.say(1, 'last', FIN)
    await client.expectFin(1, (await client.echoed(1, 4)).flags)
  }),
  wired('M4.2-reset', 'behind a reset nothing comes in that stream, and others go on', async (context) => {
    const client = await context.connect()
    for (const id of [1, 3]) await client.open(id)
    await client.send(frame(WINDOW_UPDATE, RST, 1, 0))
    await client.say(1, 'dropped')
    await client.say(3, 'on')
    await client.expectEcho(3, 'on')
  }),
  wired('M4.3-ids-are-free', 'an id is opened again behind both FINs, and behind a reset', async (context) => {
    const client = await context.connect()
    for (let life = 0; life < 3; life++) {
      await client.open(1)
      await client.say(1, 'fin', FIN)
      await client.expectFin(1, (await client.echoed(1, 3)).flags)
    }
    await client.open(3)
    await client.send(frame(WINDOW_UPDATE, RST, 3, 0))
    await client.open(3)
    await client.say(3, 'again')
    await client.expectEcho(3, 'again')
  }),

  // 5 The connection ----------------------------------------------------------------------------------------------------
  wired('M5.1-pings-in-order', 'a hundred pings are answered once each, in order', async (context) => {
    const client = await context.connect()
    for (let ping = 0; ping < 100; ping++) await client.send(frame(PING, SYN, 0, ping))
    for (let ping = 0; ping < 100; ping++) {
      const { type, flags, length } = await client.frame()
      expectSame(`the answer to ping ${ping}`, [PING, ACK, ping].join(), [type, flags, length].join())
    }
  }),
  {
    id: 'M5.2-answers-keep-it',
    clause: 'M5.2',
    name: 'a peer that answers stays, one that does not is ended',
    needs: ['wire', 'limits'],
    options: { keepaliveMs: KEEPALIVE_MS, answerMs: KEEPALIVE_MS },
    async run(context) {
      const silent = await context.connect('silent')
      const client = await context.connect('answering')
      const silentEnds = silent.closed()
      for (let pings = 0; pings < 3; pings++) {
        const ping = await context.within(10 * KEEPALIVE_MS, 'a ping', client.frame())
        expectSame('what comes to a silent peer', PING, ping.type)
        await client.send(frame(PING, ACK, 0, ping.length))
      }
      await context.within(10 * KEEPALIVE_MS, 'the end of a peer that does not answer', silentEnds)
      expectSame('how the connection ended that answers', undefined, client.ending)
    },
  },
  {
    id: 'M5.3-farewell',
    clause: 'M5.3',
    name: 'a go-away with code 0 comes before the FIN',
    needs: ['wire', 'signal'],
    async run(context) {
      const client = await context.connect()
      await client.open(1)
      await client.frame()
      const down = context.shutdown()
      const { type, length } = await client.frame()
      expectSame('the farewell', [GO_AWAY, NORMAL].join(), [type, length].join())
      client.end()
      await client.closed()
      await down
    },
  },

  // 6 Peers that stop reading -------------------------------------------------------------------------------------------
  wired('M6.1-one-stalled', 'a stream without credit holds a window, and another one goes on', async (context) => {
    const client = await context.connect()
    for (const id of [1, 3]) await client.open(id)
    await sendWindow(client, 1)
    await client.echoed(1, WINDOW_BYTES)
    for (let sent = 0; sent < WINDOW_BYTES / 4; sent += PIECE_BYTES)
      await client.send(dataFrame(1, new Uint8Array(PIECE_BYTES)))
    for (let round = 0; round < 20; round++) {
      await client.say(3, `round ${round}`)
      await client.expectEcho(3, `round ${round}`)
    }
  }),
  wired('M6.2-ping-flood', 'forty thousand pings that are not read are all answered later', async (context) => {
    const client = await context.connect()
    client.pause()
    const pings = 40_000
    const sending = client.flood(Array.from({ length: pings }, (_, ping) => frame(PING, SYN, 0, ping)))
    await context.settled()
    client.resume()
    for (let ping = 0; ping < pings; ping++) expectSame('the number of the answer', ping, (await client.frame()).length)
    await sending
  }),
]

function wired(id: string, name: string, run: (context: Context) => Promise<void>): Case<Client> {
  return { id, clause: clauseIn(id), name, needs: ['wire'], run }
}

/** Bytes that end the connection, with its reason before; another connection notices nothing. */
function breaks(id: string, name: string, bytes: Uint8Array): Case<Client> {
  return wired(id, name, async (context) => {
    const other = await context.connect('other')
    await other.open(1)
    const client = await context.connect()
    await client.send(bytes)
    await client.expectGoneAway(PROTOCOL_ERROR)
    await other.say(1, 'on')
    await other.expectEcho(1, 'on')
  })
}

async function sendWindow(client: Client, stream: number): Promise<void> {
  for (let sent = 0; sent < WINDOW_BYTES; sent += PIECE_BYTES)
    await client.send(dataFrame(stream, new Uint8Array(PIECE_BYTES)))
}

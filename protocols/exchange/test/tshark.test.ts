// Wireshark's dissectors were written by others, by the specifications: they decode a session with every command and message.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cancel, enter, login, packet, replace } from '../suite/messages.ts'
import { Stage } from './support.ts'

const PORT = 9000
/** Whither, packets, messages, their tokens and prices; then what no dissector understood, which must be empty. */
const FIELDS = ['tcp.dstport', 'soupbintcp.packet_type', 'ouch.packet_type', 'ouch.order_token', 'ouch.price']
const NOT_UNDERSTOOD = ['_ws.malformed', 'ouch.unknown_message', 'data.len']
const DISSECTORS = ['-d', `tcp.port==${PORT},soupbintcp`, '--enable-heuristic', 'ouch_soupbintcp']
const COMMAND = [...DISSECTORS, '-T', 'fields', ...[...FIELDS, ...NOT_UNDERSTOOD].flatMap((field) => ['-e', field])]
const isInstalled = spawnSync('tshark', ['--version']).error === undefined

/** What one side sent, in one segment. */
interface Segment {
  readonly from: 'client' | 'server'
  readonly bytes: Uint8Array
}

/** One TCP connection as a capture file: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-03.html, link type 101 (raw IP). */
function captured(segments: readonly Segment[]): Buffer {
  const sent = { client: 1, server: 1 }
  const file = [Buffer.alloc(24)]
  file[0]?.writeUInt32LE(0xa1b2c3d4)
  file[0]?.writeUInt16LE(2, 4)
  file[0]?.writeUInt16LE(4, 6)
  file[0]?.writeUInt32LE(65_535, 16)
  file[0]?.writeUInt32LE(101, 20)
  for (const { from, bytes } of segments) {
    const head = Buffer.alloc(16 + 20 + 20)
    const length = 40 + bytes.length
    head.writeUInt32LE(length, 8)
    head.writeUInt32LE(length, 12)
    head.set([0x45, 0, length >> 8, length & 255, 0, 0, 0, 0, 64, 6], 16)
    const [source, target] = from === 'client' ? [40_000, PORT] : [PORT, 40_000]
    head.set([10, 0, 0, from === 'client' ? 1 : 2, 10, 0, 0, from === 'client' ? 2 : 1], 28)
    head.writeUInt16BE(source, 36)
    head.writeUInt16BE(target, 38)
    head.writeUInt32BE(sent[from], 40)
    head.writeUInt32BE(from === 'client' ? sent.server : sent.client, 44)
    head.set([0x50, 0x18, 255, 255], 48)
    file.push(head, Buffer.from(bytes))
    sent[from] += bytes.length
  }
  return Buffer.concat(file)
}

/** A client that does everything there is to do, and what it is sent. */
function everything(): Segment[] {
  const stage = new Stage({ day: { firstEnd: 5000, ms: 5000 } })
  const [ann, bob] = [stage.connect(), stage.logIn('BOB')]
  const segments: Segment[] = []
  const say = (bytes: Uint8Array, others = (): void => undefined): void => {
    segments.push({ from: 'client', bytes })
    stage.receive(ann, bytes)
    others()
    const heard = stage.bytes(ann)
    if (heard.length > 0) segments.push({ from: 'server', bytes: heard })
  }
  const orders = [
    enter('a1', { side: 'S' }),
    enter('a2', { shares: 0 }),
    replace('a1', 'a3', { side: 'S', price: 10_100 }),
  ]
  say(login('ANN', 'pwANN'))
  say(Buffer.concat(orders.map((each) => packet('U', each))), () =>
    stage.command(bob, enter('b1', { shares: 40, price: 10_100 })),
  )
  say(Buffer.concat([packet('U', cancel('a3')), packet('R'), packet('+', 'for the log')]))
  say(packet('R'), () => stage.pass(5000))
  say(packet('O'))
  const stranger = stage.connect()
  stage.receive(stranger, login('ANN', 'wrong'))
  return [
    ...segments,
    { from: 'client', bytes: login('ANN', 'wrong') },
    { from: 'server', bytes: stage.bytes(stranger) },
  ]
}

const title = 'tshark decodes every command and message, in both directions'
test.runIf(isInstalled)(isInstalled ? title : `${title}: not looked at, since tshark is not installed`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'exchange-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'session.pcap')
  writeFileSync(file, captured(everything()))
  const { stdout, stderr } = spawnSync('tshark', [...COMMAND, '-r', file], { encoding: 'utf8' })
  const lines = stdout.trimEnd().split('\n')
  expect(
    lines.map((line) =>
      line
        .replaceAll(/['\s]+/g, ' ')
        .trim()
        .replaceAll(' ,', ',')
        .replaceAll(', ', ','),
    ),
    stderr,
  ).toEqual([
    '9000 L',
    '40000 A',
    '9000 U,U,U O,O,U a1,a2 10000,10000,10100',
    '40000 S,S,S,S A,J,U,E a1,a2,a3 10000,10100',
    '9000 U,R,+ X a3',
    '40000 S C a3',
    '9000 R',
    '40000 H,H,H,H,Z',
    '9000 O',
    '9000 L',
    '40000 J',
  ])
})

/** Section 1: ids and messages as they go over the wire. */
import type { Case } from '../case.ts'
import { expectBytes, expectSame, expectTrue } from '@switchyard/conformance/portable'
import { ID_BYTES, message, readId } from '../client/message.ts'
import { concat, cut } from '@switchyard/conformance/portable'
import { Arrivals, Numbered } from '../client/numbered.ts'
import { connectAll, KIB, probe, sendApart } from './steps.ts'

/** Short of the default limit of R5.1 by a message's own few bytes. */
const LONG_BODY_BYTES = 1_000_000

export const WIRE_FORMAT: readonly Case[] = [
  {
    id: 'R1.1-id-as-it-was-read',
    clause: 'R1.1',
    name: 'an id, sent back as it was read, reaches the client that it was given to',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const clients = await connectAll(context, 'client ', 5)
      for (const from of clients) for (const to of clients) await probe(from, to)
    },
  },
  {
    id: 'R1.1-id-in-the-books',
    clause: 'R1.1',
    name: 'the number on the wire is the number that the server counts the client under',
    needs: ['wire', 'statistics'],
    async run(context) {
      const [first, second] = [await context.connect('first'), await context.connect('second')]
      for (const client of [second, first]) {
        client.end()
        await client.closed()
        await context.until('the count of a close', ({ lastCloses }) =>
          lastCloses.some(({ client: id }) => id === client.id),
        )
      }
    },
  },
  {
    id: 'R1.2-four-bytes',
    clause: 'R1.2',
    name: 'a client that says nothing gets four bytes of id, and nothing behind them',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const sender = await context.connect('sender')
      const silent = await context.connectSilently('silent')
      const id = readId(await silent.bytes(ID_BYTES))
      await sender.sendMessage(id, 'first')
      await silent.expect('first')
    },
  },
  {
    id: 'R1.2-heard-before-id-is-read',
    clause: 'R1.2',
    name: 'a client that sends before it has read its id is heard, and gets its id first',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const receiver = await context.connect('receiver')
      const hasty = await context.connectSilently('hasty')
      await hasty.sendMessage(receiver, 'early')
      await receiver.expect('early')
      expectTrue(await hasty.admitted(), 'hasty: expected an id, but the server closed the connection')
      await probe(receiver, hasty)
    },
  },
  {
    id: 'R1.2-nothing-before-the-id',
    clause: 'R1.2',
    name: 'nothing precedes the id, even while another client floods the ids that it guesses',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const flooder = await context.connect('flooder')
      const judge = await context.connect('judge')
      let guess = Math.max(flooder.id, judge.id)
      for (let i = 0; i < 25; i++) {
        // A guess is no use of ids as numbers: where it is wrong, these are messages to nobody.
        const guesses = concat(Array.from({ length: 200 }, (_, k) => message((guess + 1 + (k % 5)) >>> 0, 'flood')))
        const flooded = flooder.send(concat([guesses, guesses, guesses]))
        const newcomer = await context.connectSilently(`newcomer ${i}`)
        await flooder.send(guesses)
        await flooded
        const first = await newcomer.bytes(ID_BYTES)
        expectTrue(!isText(first, 'floo'), `${newcomer.name}: a message came before the id`)
        guess = readId(first)
        await judge.sendMessage(guess, 'judge')
        for (let body = await newcomer.next(); !isText(body, 'judge'); body = await newcomer.next()) {
          expectBytes(`${newcomer.name}: a message of the flood`, Buffer.from('flood'), body)
        }
      }
    },
  },
  {
    id: 'R1.3-empty-body',
    clause: 'R1.3',
    name: 'an empty body is a message',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      await sender.sendMessage(receiver)
      await sender.sendMessage(receiver)
      await receiver.expect('')
      await receiver.expect('')
      await probe(sender, receiver)
    },
  },
  {
    id: 'R1.3-every-byte',
    clause: 'R1.3',
    name: 'every byte but NUL may stand in a body, at either end of it too',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const all = Uint8Array.from({ length: 255 }, (_, i) => i + 1)
      await sender.sendMessage(receiver, all)
      await receiver.expect(all)
      for (const byte of all) await sender.sendMessage(receiver, Uint8Array.of(byte))
      for (const byte of all) await receiver.expect(Uint8Array.of(byte))
    },
  },
  {
    id: 'R1.3-all-lengths',
    clause: 'R1.3',
    name: 'bodies of all lengths about a power of two arrive whole',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const lengths: number[] = []
      for (let power = 16; power <= 128 * KIB; power *= 2) for (let d = -6; d <= 2; d++) lengths.push(power + d)
      const messages = new Numbered('sender', (number) => lengths[number] ?? 0)
      const flood = sender.flood(messages.messages(receiver, lengths.length))
      await new Arrivals(receiver, [messages]).receive(lengths.length)
      await flood
    },
  },
  {
    id: 'R1.3-a-million-bytes',
    clause: 'R1.3',
    name: 'a body of a million bytes is a message',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const long = new Numbered('sender', () => LONG_BODY_BYTES)
      const sent = sender.sendMessage(receiver, long.body(0))
      await new Arrivals(receiver, [long]).receive(1)
      await sent
      await probe(sender, receiver)
    },
  },
  {
    id: 'R1.4-not-a-byte-more',
    clause: 'R1.4',
    name: 'the destination receives bodies and their NULs, and not a byte more',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      for (const body of ['one', '', 'three', 'the end']) await sender.sendMessage(receiver, body)
      const expected = Buffer.from('one\0\0three\0the end\0')
      expectBytes('receiver: the stream', expected, await receiver.bytes(expected.length))
      await probe(sender, receiver)
    },
  },
  {
    id: 'R1.4-body-like-a-message',
    clause: 'R1.4',
    name: 'a body that looks like a message of its own is not looked into',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const bodies = ['\u0001\u0001\u0001\u0001inner', '1234', '12345', '\r\n', '\\0', '%00', '{"to":1}']
      for (const body of bodies) await sender.sendMessage(receiver, body)
      for (const body of bodies) await receiver.expect(body)
    },
  },
  {
    id: 'R1.5-byte-by-byte',
    clause: 'R1.5',
    name: 'a message that comes one byte at a time is a message',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      const bytes = concat([message(receiver.id, 'byte by byte'), message(receiver.id), message(receiver.id, 'again')])
      const everywhere = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1)
      await sendApart(sender, cut(bytes, everywhere), () => probe(a, b))
      for (const body of ['byte by byte', '', 'again']) await receiver.expect(body)
      await probe(sender, receiver)
    },
  },
  {
    id: 'R1.5-split-anywhere',
    clause: 'R1.5',
    name: 'two messages may be split anywhere: in an id, before a NUL, between them',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      const bytes = concat([message(receiver.id, 'ab'), message(receiver.id), message(receiver.id, 'c')])
      for (let at = 1; at < bytes.length; at++) {
        await sendApart(sender, cut(bytes, [at]), () => probe(a, b))
        for (const body of ['ab', '', 'c']) await receiver.expect(body)
      }
      await probe(sender, receiver)
    },
  },
  {
    id: 'R1.5-hundreds-in-a-segment',
    clause: 'R1.5',
    name: 'a segment may hold hundreds of messages, for several clients',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const sender = await context.connect('sender')
      const receivers = await connectAll(context, 'receiver ', 3)
      const bodies = Array.from({ length: 600 }, (_, i) => `${i}`)
      const to = (i: number): number => receivers[i % receivers.length]?.id ?? 0
      await sender.send(concat(bodies.map((body, i) => message(to(i), body))))
      for (const [i, receiver] of receivers.entries()) {
        for (const body of bodies.filter((_, k) => k % receivers.length === i)) await receiver.expect(body)
        await probe(sender, receiver)
      }
    },
  },
  {
    id: 'R1.5-cut-at-a-segment',
    clause: 'R1.5',
    name: 'a segment may end in the middle of a message, and the next one go on with it',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const bytes = concat(['one', 'two', 'three'].map((body) => message(receiver.id, body)))
      await sender.send(bytes.subarray(0, bytes.length - 3))
      await receiver.expect('one')
      await receiver.expect('two')
      await sender.send(bytes.subarray(bytes.length - 3))
      await receiver.expect('three')
      await probe(sender, receiver)
    },
  },
  {
    id: 'R1.5-unfinished-of-each',
    clause: 'R1.5',
    name: 'each client has its own unfinished message, however those of several alternate',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const senders = await connectAll(context, 'sender ', 4)
      const receiver = await context.connect('receiver')
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      const sends = senders.map((sender) => ({
        sender,
        pieces: inThrees(message(receiver.id, `all of ${sender.name}`)),
      }))
      for (let i = 0; sends.some(({ pieces }) => i < pieces.length); i++) {
        for (const { sender, pieces } of sends) await sender.send(pieces[i] ?? new Uint8Array(0))
        await probe(a, b)
      }
      const received = new Set<string>()
      for (const _ of senders) received.add(Buffer.from(await receiver.next()).toString())
      for (const sender of senders)
        expectSame(`a message, all of ${sender.name}`, true, received.has(`all of ${sender.name}`))
    },
  },
  {
    id: 'R1.5-cut-at-random',
    clause: 'R1.5',
    name: 'a long stream may be cut at random',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      const messages = new Numbered('sender', (number) => (number * 37) % 300)
      const bytes = concat([...messages.messages(receiver, 300)])
      const cuts: number[] = []
      for (let at = 0; at < bytes.length; at += context.random.integer(1, 500)) if (at > 0) cuts.push(at)
      await sendApart(sender, cut(bytes, cuts), () =>
        context.random.integer(0, 3) === 0 ? probe(a, b) : Promise.resolve(),
      )
      await new Arrivals(receiver, [messages]).receive(300)
    },
  },
]

function inThrees(bytes: Uint8Array): Uint8Array[] {
  return cut(
    bytes,
    Array.from({ length: Math.ceil(bytes.length / 3) - 1 }, (_, i) => 3 * (i + 1)),
  )
}

function isText(bytes: Uint8Array, text: string): boolean {
  return Buffer.compare(bytes, Buffer.from(text)) === 0
}

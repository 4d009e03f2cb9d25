/** Section 3: what happens to a message. */
import type { Case, CaseContext } from '../case.ts'
import type { Client } from '../client/client.ts'
import { expectSame } from '@switchyard/conformance/portable'
import { message } from '../client/message.ts'
import { concat } from '@switchyard/conformance/portable'
import { Arrivals, arrivalsOf, Numbered, numberedBy } from '../client/numbered.ts'
import { alternate, bodyOf, connectAll, idOfNobody, KIB, probe, STALLING_BYTES } from './steps.ts'

export const ROUTING: readonly Case[] = [
  {
    id: 'R3.1-named-and-no-other',
    clause: 'R3.1',
    name: 'a message reaches the client that it names, and no other',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const clients = await connectAll(context, 'client ', 6)
      for (const from of clients) {
        for (const to of clients) {
          const body = `${from.name} to ${to.name}`
          await from.sendMessage(to, body)
          await to.expect(body)
        }
        for (const other of clients) await probe(from, other)
      }
    },
  },
  {
    id: 'R3.1-one-segment-for-many',
    clause: 'R3.1',
    name: 'one segment of messages for different clients is told apart',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const sender = await context.connect('sender')
      const clients = await connectAll(context, 'client ', 30)
      await sender.send(concat(clients.toReversed().map((client) => message(client.id, `for ${client.name}`))))
      for (const client of clients) {
        await client.expect(`for ${client.name}`)
        await probe(sender, client)
      }
    },
  },
  {
    id: 'R3.2-order-of-a-pair',
    clause: 'R3.2',
    name: 'thousands of messages of mixed lengths between one pair keep their order',
    needs: ['wire'],
    basic: true,
    run: (context) => carry(context, 4_000, (number) => [3, 40, 700, 9, 5_000, 1][number % 6] ?? 0),
  },
  {
    id: 'R3.2-short-behind-long',
    clause: 'R3.2',
    name: 'short messages do not overtake a long one',
    needs: ['wire'],
    basic: true,
    run: (context) => carry(context, 60, (number) => (number % 20 === 0 ? 900 * KIB : 12)),
  },
  {
    id: 'R3.2-order-of-each-destination',
    clause: 'R3.2',
    name: 'a sender that alternates between destinations keeps the order of each',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const sender = await context.connect('sender')
      const receivers = await connectAll(context, 'receiver ', 3)
      const messages = new Numbered('sender', (number) => (number % 7 === 0 ? 20 * KIB : 30))
      const sent = sender.flood(alternate(messages, receivers, 300))
      await Promise.all(receivers.map((receiver) => new Arrivals(receiver, [messages]).receive(300)))
      await sent
    },
  },
  {
    id: 'R3.3-many-to-one',
    clause: 'R3.3',
    name: 'messages of many senders to one destination do not interleave, though they pile up',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const receiver = await context.connect('receiver')
      const clients = await connectAll(context, 'sender ', 8)
      const senders = numberedBy(clients, (number, place) => 1_000 + ((number + place) % 5) * 50_000)
      receiver.pause()
      const floods = senders.map(({ client, messages }) => client.flood(messages.messages(receiver, 20)))
      await context.settled()
      receiver.resume()
      await arrivalsOf(receiver, senders).receive(8 * 20)
      await Promise.all(floods)
    },
  },
  {
    id: 'R3.3-pieces-in-turn',
    clause: 'R3.3',
    name: 'messages do not interleave when their pieces come in turn',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const receiver = await context.connect('receiver')
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      const senders = numberedBy(await connectAll(context, 'sender ', 3), () => 3_000)
      for (let start = 0; start < 3_005; start += 500) {
        for (const { client, messages } of senders) {
          await client.send(message(receiver.id, messages.body(0)).subarray(start, start + 500))
        }
        await probe(a, b)
      }
      await arrivalsOf(receiver, senders).receive(senders.length)
    },
  },
  {
    id: 'R3.4-slow-reader',
    clause: 'R3.4',
    name: 'a receiver that reads a little at a time gets every message once',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const messages = new Numbered('sender', (number) => 500 + (number % 100) * 100)
      const count = Math.floor(STALLING_BYTES / 5_500)
      receiver.pause()
      const sent = sender.flood(messages.messages(receiver, count))
      const arrivals = new Arrivals(receiver, [messages])
      for (let received = 0; received < count; received += 400) {
        await context.settled()
        await arrivals.receive(Math.min(count, received + 400))
      }
      expectSame('messages sent', count, await sent)
      await probe(sender, receiver)
    },
  },
  {
    id: 'R3.4-stops-then-reads',
    clause: 'R3.4',
    name: 'a receiver that stops until its sender is stuck, and then reads, gets every message once',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const receiver = await context.connect('receiver')
      const clients = await connectAll(context, 'sender ', 3)
      const senders = numberedBy(clients, (_, place) => [200, 8_000, 200_000][place] ?? 0)
      receiver.pause()
      const counts = [10_000, 700, 30]
      const sent = senders.map(({ client, messages }, i) => client.flood(messages.messages(receiver, counts[i] ?? 0)))
      await context.settled()
      receiver.resume()
      await arrivalsOf(receiver, senders).receive(counts.reduce((sum, count) => sum + count))
      await Promise.all(sent)
      for (const client of clients) await probe(client, receiver)
    },
  },
  {
    id: 'R3.4-both-at-once',
    clause: 'R3.4',
    name: 'two clients that send to each other at once both get every message',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const pair = await connectAll(context, 'client ', 2)
      await everyoneToEveryone(pair, 400, 15_000)
    },
  },
  {
    id: 'R3.4-everybody-to-everybody',
    clause: 'R3.4',
    name: 'when everybody sends to everybody, every message arrives once',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const clients = await connectAll(context, 'client ', 8)
      await everyoneToEveryone(clients, 40, 3_000)
    },
  },
  {
    id: 'R3.5-nothing-before-the-nul',
    clause: 'R3.5',
    name: 'nothing of a message is forwarded before its NUL has come',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const other = await context.connect('other')
      const bytes = message(receiver.id, 'held back')
      for (const at of [bytes.length - 1, 7, 4, 1]) {
        await sender.send(bytes.subarray(0, at))
        for (let i = 0; i < 3; i++) await probe(other, receiver)
        await sender.send(bytes.subarray(at))
        await receiver.expect('held back')
      }
    },
  },
  {
    id: 'R3.5-nothing-of-a-long-one',
    clause: 'R3.5',
    name: 'nothing of a long message is forwarded before its NUL has come',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const other = await context.connect('other')
      const body = bodyOf(600 * KIB)
      const bytes = message(receiver.id, body)
      await sender.send(bytes.subarray(0, -1))
      await context.settled()
      for (let i = 0; i < 3; i++) await probe(other, receiver)
      await sender.send(bytes.subarray(-1))
      await receiver.expect(body)
    },
  },
  {
    id: 'R3.6-to-itself',
    clause: 'R3.6',
    name: 'a client that sends to itself receives the message',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const [client, other] = [await context.connect('client'), await context.connect('other')]
      await client.sendMessage(client, 'to myself')
      await client.expect('to myself')
      await probe(client, other)
      await probe(other, client)
    },
  },
  {
    id: 'R3.6-megabytes-to-itself',
    clause: 'R3.6',
    name: 'a client that sends itself megabytes while it reads receives all of them in order',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const client = await context.connect('client')
      const messages = new Numbered('client', (number) => (number % 10) * 3_000)
      const sent = client.flood(messages.messages(client, 400))
      await new Arrivals(client, [messages]).receive(400)
      await sent
    },
  },
  {
    id: 'R3.7-unknown-id',
    clause: 'R3.7',
    name: 'a message to an unknown id is dropped, and the next one routed',
    needs: ['wire'],
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const nobody = idOfNobody(sender, receiver)
      await sender.sendMessage(nobody, 'lost')
      await sender.sendMessage(receiver, 'found')
      await receiver.expect('found')
      await sender.send(concat([message(nobody), message(receiver.id, 'same segment'), message(nobody, 'lost')]))
      await receiver.expect('same segment')
      for (const client of [sender, receiver]) await probe(sender, client)
    },
  },
  {
    id: 'R3.7-strange-ids',
    clause: 'R3.7',
    name: 'the lowest and the highest id, and neighbours of real ones, name nobody',
    needs: ['wire'],
    async run(context) {
      const sender = await context.connect('sender')
      const clients = [sender, ...(await connectAll(context, 'client ', 2))]
      const real = new Set(clients.map((client) => client.id))
      const near = clients.flatMap(({ id }) => [id ^ 0x80000000, id ^ 0x01000000, id ^ 0x00010000, id ^ 0x00000100])
      const strange = [0, 0xffffffff, 0x80000000, 0x7fffffff, ...near.map((id) => id >>> 0)].filter(
        (id) => !real.has(id),
      )
      for (const id of strange) {
        await sender.sendMessage(id, `for ${id}`)
        for (const client of clients) await probe(sender, client)
      }
    },
  },
  {
    id: 'R3.7-long-to-nobody',
    clause: 'R3.7',
    name: 'a long message to an unknown id is consumed to its end, in however many pieces it comes',
    needs: ['wire'],
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const lost = message(idOfNobody(sender, receiver), bodyOf(900 * KIB))
      await sender.send(lost.subarray(0, 100))
      await probe(receiver, receiver)
      await sender.send(lost.subarray(100))
      await probe(sender, receiver)
    },
  },
  {
    id: 'R3.7-drops-counted',
    clause: 'R3.7',
    name: 'drops are counted, each message once',
    needs: ['wire', 'statistics'],
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const before = context.statistics().drops['not-connected']
      const nobody = idOfNobody(sender, receiver)
      await sender.send(concat([message(nobody, 'abc'), message(receiver.id, 'kept'), message(nobody)]))
      await sender.sendMessage(nobody, bodyOf(100 * KIB))
      await receiver.expect('kept')
      await probe(sender, receiver)
      const after = context.statistics().drops['not-connected']
      expectSame('messages counted as dropped', 3, after.sends - before.sends)
      expectSame('bytes counted as dropped, with their NULs', 4 + 1 + 100 * KIB + 1, after.bytes - before.bytes)
    },
  },
]

/** One pair, `count` messages, at full speed. */
async function carry(context: CaseContext, count: number, lengthOf: (number: number) => number): Promise<void> {
  const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
  const messages = new Numbered('sender', lengthOf)
  const sent = sender.flood(messages.messages(receiver, count))
  await new Arrivals(receiver, [messages]).receive(count)
  expectSame('messages sent', count, await sent)
}

/** Each sends `count` messages of up to `bytesMax` to each, itself included, and reads all the while. */
async function everyoneToEveryone(clients: readonly Client[], count: number, bytesMax: number): Promise<void> {
  const senders = numberedBy(clients, (number, place) => ((number * 31 + place * 7) % 100) * (bytesMax / 100))
  const sent = senders.map(({ client, messages }) => client.flood(alternate(messages, clients, count)))
  await Promise.all(clients.map((client) => arrivalsOf(client, senders).receive(clients.length * count)))
  await Promise.all(sent)
}

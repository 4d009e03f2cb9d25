/**
 * The cases of docs/protocols/nodes.md: they know a router of three nodes, whose clients come to the nodes in turn, and which does to itself
 * what a client tells id 0 (`cluster.ts`).
 */
import { clauseIn, expectSame, expectTrue } from '@switchyard/conformance/portable'
import type { Case, CaseContext } from '@switchyard/conformance/portable'
import type { Client } from '../../router/suite/client/client.ts'
import { message } from '../../router/suite/client/message.ts'
import { firstIdOf, nodeOf } from '../src/ids.ts'
import { helloFrame, SECRET_BYTES } from '../src/wire.ts'
import { NODES } from './cluster.ts'
import { BUS_ID } from './node.ts'

type Context = CaseContext<Client>

/** Each of the others has a link to each other one. */
const LINKS = NODES * (NODES - 1)
const STEP_MS = 1_000
/** By then silence is noticed, and links stand again, or senders are let go. */
const HEALED_MS = 4_000
/** By then a node that was killed serves again, although it hears no other. */
const ALONE_MS = 3_000
const KIBIBYTE = 1024
/** More than a chunk: so a node can find it too long although it read all of it. */
const LONG_BYTES = 100_000
const MESSAGES = 50

/** In the specification's order. Each has a cluster of its own, since it breaks it: they say so by `signal`. */
export const CASES: readonly Case<Client>[] = [
  // 1 Nodes and ids -----------------------------------------------------------------------------------------------------
  wired(
    'N1.1-node-in-the-id',
    'the upper bits of ids are the numbers of three nodes, and no two ids are the same',
    async (context) => {
      const ids: number[] = []
      for (let count = 0; count < 2 * NODES; count++) ids.push((await context.connect()).id)
      expectSame(
        'the nodes of six clients',
        '1 1 2 2 3 3',
        ids
          .map(nodeOf)
          .toSorted((a, b) => a - b)
          .join(' '),
      )
      expectSame('how many ids differ', ids.length, new Set(ids).size)
    },
  ),
  wired(
    'N1.2-behind-the-last-run',
    'a node that starts again without its disk gives later ids, and nobody hears what is for the earlier ones',
    async (context) => {
      const [operator, before] = await oneOfEach(context)
      await operator.sendMessage(BUS_ID, 'forget 2 0')
      await operator.sendMessage(BUS_ID, 'kill 2 100')
      await before.closed()
      await healed(context, operator)
      const after = await clientOf(context, 2)
      expectTrue(after.id > before.id, `the node has given ${before.id}, and ${after.id} after it started again`)
      await operator.sendMessage(before, 'old')
      await operator.sendMessage(after, 'new')
      await after.expect('new')
    },
  ),
  wired(
    'N1.2-heard-by-nobody',
    'a node that starts again while it hears no other gives later ids all the same',
    async (context) => {
      const [operator, before] = await oneOfEach(context)
      for (const trouble of ['part 1 6000', 'part 3 6000', 'kill 2 100']) await operator.sendMessage(BUS_ID, trouble)
      await before.closed()
      await passes(context, operator, ALONE_MS)
      const after = await clientOf(context, 2)
      expectTrue(after.id > before.id, `the node has given ${before.id}, and ${after.id} after it started again`)
    },
  ),
  wired(
    'N1.3-younger-refused',
    'another node with a number that is taken does not serve, and links stay',
    async (context) => {
      const [operator, client] = await oneOfEach(context)
      await operator.sendMessage(BUS_ID, 'rival 2 0')
      await passes(context, operator, HEALED_MS)
      expectSame('nodes that were refused', 1, await ask(operator, 'refused'))
      expectSame('links', LINKS, await ask(operator, 'links'))
      await operator.sendMessage(client, 'on')
      await client.expect('on')
    },
  ),

  // 2 Messages ----------------------------------------------------------------------------------------------------------
  wired(
    'N2.1-across-nodes',
    'clients of three nodes hear each other, each message once and in order',
    async (context) => {
      const clients = await oneOfEach(context)
      for (const from of clients) {
        for (const to of clients)
          for (let count = 0; count < MESSAGES; count++) await from.sendMessage(to, `${from.id} ${count}`)
      }
      for (const client of clients) {
        const next = new Map<string, number>()
        for (let count = 0; count < clients.length * MESSAGES; count++) {
          const [from = '', number] = text(await client.next()).split(' ')
          expectSame(`the number of the next message of ${from}`, next.get(from) ?? 0, Number(number))
          next.set(from, Number(number) + 1)
        }
      }
    },
  ),

  // 3 A link that breaks ------------------------------------------------------------------------------------------------
  wired(
    'N3.1-books-close',
    'what was sent over a link that lost a segment, or was cut, has arrived in order, or is reported',
    async (context) => {
      const [operator, receiver] = await oneOfEach(context)
      const sender = await clientOf(context, 1)
      await operator.sendMessage(BUS_ID, 'drop 1 0')
      await ask(operator, 'links')
      await sender.sendMessage(receiver, '0') // Nothing comes behind it that would show the gap.
      await healed(context, operator)
      expectSame('messages that are reported', 1, await ask(operator, `lost ${receiver.id}`))
      for (let count = 1; count <= MESSAGES; count++) await sender.sendMessage(receiver, `${count}`)
      await context.settled() // They have arrived, and the sender's node does not know it.
      await operator.sendMessage(BUS_ID, 'cut 2 0')
      for (let count = 1; count <= MESSAGES; count++) await sender.sendMessage(receiver, `${MESSAGES + count}`)
      await healed(context, operator)
      await sender.sendMessage(receiver, `${2 * MESSAGES + 1}`)
      const arrived = await numbersUntil(receiver, 2 * MESSAGES + 1)
      const lost = await ask(operator, `lost ${receiver.id}`)
      expectSame('messages that arrived or are reported', 2 * MESSAGES + 2, arrived + lost)
    },
  ),
  wired(
    'N3.2-in-doubt-is-reported',
    'what was on the way to a node that starts anew is reported, if it did not arrive',
    async (context) => {
      const [operator, receiver] = await oneOfEach(context)
      const sender = await clientOf(context, 1)
      await operator.sendMessage(BUS_ID, 'drop 1 0')
      await ask(operator, 'links')
      for (let count = 0; count < MESSAGES; count++) await sender.sendMessage(receiver, `${count}`)
      await context.settled()
      await operator.sendMessage(BUS_ID, 'kill 2 100')
      await healed(context, operator)
      let arrived = 0
      while (await receiver.nextOrEnd()) arrived++
      const lost = await ask(operator, `lost ${receiver.id}`)
      expectTrue(arrived + lost >= MESSAGES, `of ${MESSAGES} messages ${arrived} arrived and ${lost} are reported`)
    },
  ),
  wired(
    'N3.3-held-then-dropped',
    'who sends to a node that died is read on only when its link had time to heal',
    async (context) => {
      const [operator, gone] = await oneOfEach(context)
      const sender = await clientOf(context, 1)
      await operator.sendMessage(BUS_ID, 'kill 2 0')
      await gone.closed()
      await passes(context, operator, 2_000)
      await sender.sendMessage(gone, 'dropped')
      await context.settled()
      const before = operator.bytesReceived
      await sender.sendMessage(operator, 'behind it')
      await ask(operator, 'links')
      expectSame('bytes of the answer, and of no message', 'links 2'.length + 1, operator.bytesReceived - before)
      await context.pass(2_500)
      await operator.expect('behind it')
      expectSame('messages that are reported', 1, await ask(operator, `lost ${gone.id}`))
    },
  ),
  wired(
    'N3.4-older-link-is-over',
    'what comes late of an older link is not delivered behind what came over the newer one',
    async (context) => {
      const [operator, receiver] = await oneOfEach(context)
      await operator.sendMessage(BUS_ID, 'late 1 1000')
      await ask(operator, 'links')
      await operator.sendMessage(receiver, '0')
      await ask(operator, 'links')
      await operator.sendMessage(BUS_ID, 'cut 2 0')
      await healed(context, operator)
      await operator.sendMessage(receiver, '1')
      await receiver.expect('1')
      expectSame('messages that are reported', 1, await ask(operator, `lost ${receiver.id}`))
    },
  ),

  // 4 Bounds ------------------------------------------------------------------------------------------------------------
  wired(
    'N4.1-window-holds-back',
    'a client that reads nothing holds up who floods it from another node, and nobody on a third',
    async (context) => {
      const [flooder, stalled, other] = await oneOfEach(context)
      const friend = await clientOf(context, 1)
      stalled.pause()
      const bodies = Array.from({ length: 768 }, (_, count) =>
        message(stalled.id, `${count} `.padEnd(8 * KIBIBYTE, 'x')),
      )
      const flood = flooder.flood(bodies)
      await context.settled()
      const parked = await ask(other, 'parked')
      expectTrue(parked <= KIBIBYTE ** 2, `${parked} bytes wait in front of the queue of a client that reads nothing`)
      for (let round = 0; round < 20; round++) {
        await other.sendMessage(friend, `ping ${round}`)
        await friend.expect(`ping ${round}`)
        await friend.sendMessage(other, `pong ${round}`)
        await other.expect(`pong ${round}`)
      }
      stalled.resume()
      for (const count of bodies.keys())
        expectSame('the next message', count, Number(text(await stalled.next()).split(' ')[0]))
      expectSame('messages that were sent', bodies.length, await flood)
    },
  ),
  wired(
    'N4.2-link-holds-back',
    'senders over a link of which nothing is taken are held back, and let go when it heals',
    async (context) => {
      const operator = await clientOf(context, 1)
      const receivers: Client[] = []
      while (receivers.length < 6) receivers.push(await clientOf(context, 2))
      const sender = await clientOf(context, 1)
      await operator.sendMessage(BUS_ID, 'part 2 1000')
      await ask(operator, 'links')
      const body = 'x'.repeat(KIBIBYTE)
      const flood = sender.flood(Array.from({ length: 400 }, () => receivers.map(({ id }) => message(id, body))).flat())
      await context.settled()
      const queued = await ask(operator, 'queued')
      // A read and a half of it in frames.
      expectTrue(queued <= 1_200 * KIBIBYTE, `${queued} bytes are queued for a link of which nothing is taken`)
      await healed(context, operator)
      expectSame('messages that were sent', 400 * receivers.length, await flood)
    },
  ),

  // 5 Absent nodes ------------------------------------------------------------------------------------------------------
  wired(
    'N5.1-nobody-there',
    'messages for a node and a client that there are not are counted, and the next one arrives',
    async (context) => {
      const [sender, receiver] = await oneOfEach(context)
      const [node, client] = [firstIdOf(NODES + 1), receiver.id + 1_000]
      await sender.sendMessage(node, 'nobody')
      await sender.sendMessage(client, 'nobody')
      await sender.sendMessage(receiver, 'somebody')
      await receiver.expect('somebody')
      expectSame('for a node that is not there', 1, await ask(sender, `lost ${node}`))
      expectSame('for a client that is not there', 1, await ask(sender, `lost ${client}`))
    },
  ),
  wired(
    'N5.2-leaves-in-order',
    'a node that leaves loses nothing of what was read, on its way to it or from it',
    async (context) => {
      const [stays, leaves, operator] = await oneOfEach(context)
      const bodies = Array.from({ length: 10 * MESSAGES }, (_, count) =>
        message(leaves.id, `${count}`.padEnd(KIBIBYTE)),
      )
      for (let count = 0; count < MESSAGES; count++) await leaves.sendMessage(stays, `${count}`)
      const flood = stays.flood(bodies)
      await leaves.sendMessage(BUS_ID, 'leave 2 0') // Read behind all that it has sent.
      await numbersUntil(stays, MESSAGES - 1)
      await passes(context, operator, 1_000)
      await numbersUntil(leaves, bodies.length - 1)
      expectSame('messages that were sent', bodies.length, await flood)
      leaves.end()
      await leaves.closed()
      await passes(context, operator, 1_000)
      expectSame('links', LINKS - 4, await ask(operator, 'links'))
      for (const { id } of [stays, leaves]) expectSame(`lost for ${id}`, 0, await ask(operator, `lost ${id}`))
    },
  ),

  // 6 Strangers ---------------------------------------------------------------------------------------------------------
  wired(
    'N6.1-strangers-are-reset',
    'what is no hello, and a hello without the secret, end a link; the others stand',
    async (context) => {
      const operator = await clientOf(context, 1)
      const hello = {
        node: 9,
        epoch: 1,
        serial: 1,
        windowBytes: KIBIBYTE,
        secret: new Uint8Array(SECRET_BYTES).fill(1),
      }
      const beginnings = ['ff'.repeat(8), '00'.repeat(8), Buffer.from(helloFrame(hello)).toString('hex')]
      for (const beginning of beginnings) await operator.sendMessage(BUS_ID, `stranger 1 ${beginning}`)
      for (let look = 0; look < 100 && (await ask(operator, 'strangers')) < beginnings.length; look++)
        await context.settled()
      expectSame('strangers that were ended', beginnings.length, await ask(operator, 'strangers'))
      expectSame('links', LINKS, await ask(operator, 'links'))
    },
  ),
  wired(
    'N6.2-no-way-into-a-link',
    'a client that names links sends them nothing: they stand, and it is counted',
    async (context) => {
      const [client, receiver] = await oneOfEach(context)
      const links = [1, 2].flatMap((node) => [firstIdOf(node), firstIdOf(node) + 1])
      for (const link of links) await client.sendMessage(link, 'no frame')
      await client.sendMessage(receiver, 'on')
      await receiver.expect('on')
      expectSame('links', LINKS, await ask(client, 'links'))
      for (const link of links) expectSame(`lost for ${link}`, 1, await ask(client, `lost ${link}`))
    },
  ),
  wired(
    'N6.3-too-long-there',
    'a message that the other node finds too long is dropped there, and the next one arrives',
    async (context) => {
      const operator = await clientOf(context, 1)
      await operator.sendMessage(BUS_ID, 'kill 2 0')
      await passes(context, operator, STEP_MS)
      await operator.sendMessage(BUS_ID, 'start 2 100')
      await healed(context, operator)
      const receiver = await clientOf(context, 2)
      await operator.sendMessage(receiver, 'x'.repeat(LONG_BYTES))
      await operator.sendMessage(receiver, 'short')
      await receiver.expect('short')
      expectSame('messages that were too long', 1, await ask(operator, 'too-long'))
    },
  ),
]

function wired(id: string, name: string, run: (context: Context) => Promise<void>): Case<Client> {
  return { id, clause: clauseIn(id), name, needs: ['wire', 'signal'], run }
}

/** What the cluster answers: a number. Nobody else may send to this client meanwhile. */
async function ask(client: Client, question: string): Promise<number> {
  await client.sendMessage(BUS_ID, question)
  const answer = text(await client.next())
  const [word = '', number] = answer.split(' ')
  expectSame('the word of the answer', question.split(' ')[0], word)
  return Number(number)
}

/** In steps, since nodes wait for each other. */
async function passes(context: Context, operator: Client, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await context.pass(STEP_MS)
    await ask(operator, 'links')
  }
}

function healed(context: Context, operator: Client): Promise<void> {
  return passes(context, operator, HEALED_MS)
}

/** A client of node 1, one of node 2, one of node 3: clients come to the nodes in turn, and it is not said which one begins. */
async function oneOfEach(context: Context): Promise<readonly [Client, Client, Client]> {
  const clients: Client[] = []
  while (clients.length < NODES) clients.push(await context.connect())
  const [one, two, three] = clients.toSorted((a, b) => nodeOf(a.id) - nodeOf(b.id))
  if (one && two && three) return [one, two, three]
  throw new TypeError(`there are ${NODES} nodes`)
}

async function clientOf(context: Context, node: number): Promise<Client> {
  for (let count = 0; count < NODES; count++) {
    const client = await context.connect()
    if (nodeOf(client.id) === node) return client
  }
  throw new TypeError(`none of ${NODES} clients came to node ${node}`)
}

/** Reads numbers that grow, up to the last one. Returns how many came. */
async function numbersUntil(client: Client, last: number): Promise<number> {
  let count = 0
  for (let before = -1; before < last; count++) {
    const number = Number(text(await client.next()))
    expectTrue(number > before, `${number} came behind ${before}`)
    before = number
  }
  return count
}

function text(body: Uint8Array): string {
  return new TextDecoder().decode(body)
}

/**
 * The cases, in the order of docs/protocols/exchange.md. A server may be asked all of them one after the other: so each uses tokens of its
 * own, and leaves the book as empty as it found it.
 */
import { clauseIn, expectSame, expectTrue } from '@switchyard/conformance/portable'
import type { Case as AnyCase, CaseContext } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { LIFE } from './life.ts'
import { cancel, enter, login, packet, replace, SYMBOL } from './messages.ts'
import type { Order } from './messages.ts'
import { traded, trader } from './steps.ts'

type Case = AnyCase<Client>
type Context = CaseContext<Client>

const TIME_MS = 1_000
/** How many times as long a server may take that is busy. */
const PATIENCE = 4
const LOGIN = login('ANN', 'pwANN')
const SELL = { side: 'S' } as const
const SELL_HIGH = { side: 'S', price: 20_000 } as const

export const CASES: readonly Case[] = [
  wired(
    'X1.1-cut-anywhere',
    'packets that are cut anywhere, and many in one segment, are the same',
    async (context) => {
      const ann = await context.connect('ann')
      for (const byte of LOGIN) {
        await ann.send(Uint8Array.of(byte))
        await context.settled()
      }
      expectTrue(/^A \d+ \d+$/.test((await ann.heard()).words), 'a login that came byte by byte was not accepted')
      await ann.command(enter('x11-a'), cancel('x11-a'), enter('x11-b'), cancel('x11-b'))
      await ann.expectHeard('A x11-a B 100@10000', 'C x11-a 100 U', 'A x11-b B 100@10000', 'C x11-b 100 U')
    },
  ),
  wired('X1.1-debug-and-heartbeat', 'debug packets and heartbeats change nothing', async (context) => {
    const ann = await context.connect('ann')
    await ann.send(packet('+', 'hello'))
    await ann.logIn('ANN')
    await ann.send(packet('R'))
    await ann.send(packet('+'))
    await traded(ann, 'x11-c')
  }),
  closed('X1.2-empty-packet', 'a packet of length 0 closes', Uint8Array.of(0, 0)),
  closed('X1.2-too-long', 'a packet of more than 256 closes as soon as its length has come', Uint8Array.of(1, 1)),
  wired('X1.2-longest', 'a packet of 256 is read', async (context) => {
    const ann = await trader(context, 'ANN')
    await ann.send(packet('+', '.'.repeat(255)))
    await traded(ann, 'x12-a')
  }),
  closed('X1.2-unknown-type', 'a packet that clients do not send closes', packet('S')),
  wired('X1.3-malformed-command', 'a malformed command closes, and those before it count', async (context) => {
    for (const wrong of [
      enter('x13-a').subarray(1),
      enter('x13-b').subarray(0, 48),
      replace('x13-a', 'x13-c').fill(90, 0, 1),
    ]) {
      const ann = await trader(context, 'ANN')
      await ann.command(enter('x13-d', { shares: 0 }), wrong, enter('x13-e', { shares: 0 }))
      await ann.expectHeard('J x13-d Z')
      await ann.expectClosed('fin')
    }
  }),

  // 2 Sessions --------------------------------------------------------------------------------------------------------
  closed(
    'X2.1-command-without-login',
    'a command without a login closes, and has no effect',
    packet('U', enter('x21-a')),
  ),
  {
    id: 'X2.1-login-deadline',
    clause: 'X2.1',
    name: 'a client that does not log in is closed, whatever else it sends',
    needs: ['wire', 'limits'],
    options: { loginMs: TIME_MS, silenceMs: 100 * TIME_MS },
    async run(context) {
      const stranger = await context.connect('stranger')
      const ann = await trader(context, 'ANN')
      await context.pass(TIME_MS / 2)
      await stranger.send(packet('R'))
      await context.within(PATIENCE * TIME_MS, 'the end of a client that does not log in', stranger.closed())
      await stranger.expectClosed('fin')
      await traded(ann, 'x21-b')
    },
  },
  wired('X2.2-accepted', 'a login is accepted, with the session and the next number', async (context) => {
    const ann = await context.connect('ann')
    const next = await ann.logIn('ANN')
    await traded(ann, 'x22-a')
    const again = await context.connect('again')
    expectSame('the number of the next message', next + 2, await again.logIn('ANN'))
  }),
  refused('X2.3-wrong-password', 'a wrong password is refused', 'A', login('ANN', 'pwBOB')),
  refused('X2.3-wrong-name', 'a name that nobody has is refused in the same way', 'A', login('NOBODY', 'pwANN')),
  refused('X2.3-no-password', 'no password is a wrong one', 'A', login('ANN', '')),
  refused('X2.3-other-session', 'a session that is not the current one is refused', 'S', login('ANN', 'pwANN', '4711')),
  refused(
    'X2.3-beyond-the-end',
    'a number beyond the next message is refused',
    'S',
    login('ANN', 'pwANN', '', 1_000_000),
  ),
  wired('X2.4-from-a-number', 'a login from a number on is sent everything from there, once', async (context) => {
    const ann = await context.connect('ann')
    const next = await ann.logIn('ANN')
    await ann.command(enter('x24-a'), enter('x24-b', SELL_HIGH), cancel('x24-a'), cancel('x24-b'))
    const all = ['A x24-a B 100@10000', 'A x24-b S 100@20000', 'C x24-a 100 U', 'C x24-b 100 U']
    await ann.expectHeard(...all)
    for (let index = 0; index < 4; index++) {
      const again = await context.connect(`again ${index}`)
      expectSame('the number of the next message', next + index, await again.logIn('ANN', next + index))
      await again.expectHeard(...all.slice(index))
      await traded(again, `x24-c${index}`)
      all.push(`A x24-c${index} B 100@5000`, `C x24-c${index} 100 U`)
    }
  }),
  {
    id: 'X2.5-heartbeat',
    clause: 'X2.5',
    name: 'a client that was sent nothing is sent heartbeats, and one that sends none is closed',
    needs: ['wire', 'limits'],
    options: { heartbeatMs: TIME_MS, silenceMs: 3 * TIME_MS },
    async run(context) {
      const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
      for (let beat = 0; beat < 4; beat++) {
        await bob.send(packet('R'))
        expectSame(
          'what came after a time without a message',
          'H',
          (await context.within(PATIENCE * TIME_MS, 'a heartbeat', bob.packet())).words,
        )
      }
      await context.within(PATIENCE * TIME_MS, 'the end of a silent client', ann.closed())
      await traded(bob, 'x25-a')
    },
  },
  wired('X2.6-takes-over', 'a second login closes the first connection, and cancels nothing', async (context) => {
    const first = await trader(context, 'CARL')
    await first.command(enter('x26-a'))
    await first.expectHeard('A x26-a B 100@10000')
    const second = await trader(context, 'CARL')
    await first.expectClosed('fin')
    await second.command(cancel('x26-a'))
    await second.expectHeard('C x26-a 100 U')
  }),
  wired(
    'X2.7-orders-rest',
    'when the connection ends the orders of an account rest that agreed on it',
    async (context) => {
      const ann = await trader(context, 'ANN')
      await ann.command(enter('x27-a'))
      await ann.expectHeard('A x27-a B 100@10000')
      await ann.send(packet('O'))
      await ann.expectClosed('fin')
      const again = await trader(context, 'ANN')
      await again.command(cancel('x27-a'))
      await again.expectHeard('C x27-a 100 U')
    },
  ),
  wired(
    'X2.7-orders-cancelled',
    'when the connection ends the orders of an account that did not are cancelled',
    async (context) => {
      const carl = await context.connect('carl')
      const next = await carl.logIn('CARL')
      await carl.command(enter('x27-b'), enter('x27-c'), cancel('x27-b'))
      await carl.expectHeard('A x27-b B 100@10000', 'A x27-c B 100@10000', 'C x27-b 100 U')
      await carl.send(packet('O'))
      await carl.expectClosed('fin')
      const again = await context.connect('again')
      await again.logIn('CARL', next + 3)
      await again.expectHeard('C x27-c 100 S')
    },
  ),
  {
    id: 'X2.8-day-ends',
    clause: 'X2.8',
    name: 'at the end of a day all are told, and the next one begins with nothing',
    needs: ['wire', 'limits'],
    options: { dayMs: 2 * TIME_MS },
    async run(context) {
      const ann = await trader(context, 'ANN')
      await ann.command(enter('x28-a'))
      await ann.expectHeard('A x28-a B 100@10000')
      await context.within(PATIENCE * 2 * TIME_MS, 'the end of the day', ann.closed())
      await ann.expectHeard('Z')
      const again = await context.connect('again')
      expectSame('the number of the first message of a day', 1, await again.logIn('ANN', 1))
      await traded(again, 'x28-a')
    },
  },

  // 3 Orders ----------------------------------------------------------------------------------------------------------
  wired(
    'X3.1-accepted-first',
    'an order is accepted before anything else is said of it, and has a number of its own',
    async (context) => {
      const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
      await ann.command(enter('x31-a', SELL))
      const [first = 0n] = await ann.expectHeard('A x31-a S 100@10000')
      await bob.command(enter('x31-b', { shares: 200 }), cancel('x31-b'))
      const [second = 0n] = await bob.expectHeard('A x31-b B 200@10000', 'E x31-b 100@10000 R', 'C x31-b 100 U')
      expectTrue(second !== first, `two orders have the number ${second}`)
      await ann.expectHeard('E x31-a 100@10000 A')
    },
  ),
  wired('X3.2-token-once', 'a token that was used is ignored, also when its order is gone', async (context) => {
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    await ann.command(enter('x32-a'), enter('x32-a', SELL), cancel('x32-a'), enter('x32-a'))
    await ann.expectHeard('A x32-a B 100@10000', 'C x32-a 100 U')
    await traded(bob, 'x32-a') // Another account's tokens are its own.
    await traded(ann, 'x32-b')
  }),
  wired('X3.2-rejected-token-free', 'a rejected command uses up no token', async (context) => {
    const ann = await trader(context, 'ANN')
    await ann.command(enter('x32-c', { shares: 0 }))
    await ann.expectHeard('J x32-c Z')
    await traded(ann, 'x32-c')
  }),
  ...rejections([
    ['no-shares', 'Z', { shares: 0 }],
    ['a-million', 'Z', { shares: 1_000_000 }],
    ['no-price', 'X', { price: 0 }],
    ['price-too-high', 'X', { price: 1_999_999_901 }],
    ['unknown-symbol', 'S', { stock: 'NOWHERE' }],
    ['other-time-in-force', 'O', { timeInForce: 60 }],
    ['not-displayed', 'D', { display: 'N' }],
    ['minimum-quantity', 'N', { minimum: 1 }],
  ]),
  wired('X3.3-largest', 'the largest order is accepted', async (context) => {
    const ann = await trader(context, 'ANN')
    await ann.command(
      enter('x33-most', { side: 'T', shares: 999_999, price: 1_999_999_900, timeInForce: 99_999 }),
      cancel('x33-most'),
    )
    await ann.expectHeard('A x33-most T 999999@1999999900', 'C x33-most 999999 U')
  }),
  wired('X3.4-cancel-counts-executed', 'a cancel counts the shares that were executed', async (context) => {
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    await ann.command(enter('x34-a', SELL))
    await bob.command(enter('x34-b', { shares: 30 }))
    await bob.expectHeard('A x34-b B 30@10000', 'E x34-b 30@10000 R')
    await ann.command(cancel('x34-a', 200), cancel('x34-a', 50), cancel('x34-a', 30), cancel('x34-a'), cancel('x34-c'))
    await ann.expectHeard('A x34-a S 100@10000', 'E x34-a 30@10000 A', 'C x34-a 50 U', 'C x34-a 20 U')
    await traded(ann, 'x34-d')
  }),
  wired('X3.4-others-order', "another account's order cannot be cancelled", async (context) => {
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    await ann.command(enter('x34-e'))
    await ann.expectHeard('A x34-e B 100@10000')
    await bob.command(cancel('x34-e'), replace('x34-e', 'x34-f'))
    await traded(bob, 'x34-g')
    await ann.command(cancel('x34-e'))
    await ann.expectHeard('C x34-e 100 U')
  }),
  wired('X3.5-replaced', 'an order is replaced, the shares that were executed among the new ones', async (context) => {
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    await ann.command(enter('x35-a', SELL))
    await ann.expectHeard('A x35-a S 100@10000')
    await bob.command(enter('x35-b', { shares: 30 }))
    await bob.expectHeard('A x35-b B 30@10000', 'E x35-b 30@10000 R')
    await ann.command(replace('x35-a', 'x35-c', { shares: 200, price: 12_000 }), cancel('x35-a'), cancel('x35-c'))
    await ann.expectHeard('E x35-a 30@10000 A', 'U x35-a>x35-c S 170@12000', 'C x35-c 170 U')
  }),
  wired('X3.5-replace-matches', 'a replacement can match at once, and is told of before', async (context) => {
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    await ann.command(enter('x35-d', SELL_HIGH))
    await ann.expectHeard('A x35-d S 100@20000')
    await bob.command(enter('x35-e'))
    await bob.expectHeard('A x35-e B 100@10000')
    await ann.command(replace('x35-d', 'x35-f', { price: 9_000 }))
    await ann.expectHeard('U x35-d>x35-f S 100@9000', 'E x35-f 100@10000 R')
    await bob.expectHeard('E x35-e 100@10000 A')
  }),
  wired('X3.5-ignored', 'what names no open order, or a used token, is ignored', async (context) => {
    const ann = await trader(context, 'ANN')
    await ann.command(enter('x35-g'), cancel('x35-g'), replace('x35-g', 'x35-h'), replace('x35-i', 'x35-h'))
    await ann.command(enter('x35-h'), replace('x35-h', 'x35-g'), replace('x35-h', 'x35-h'), cancel('x35-h'))
    await ann.expectHeard('A x35-g B 100@10000', 'C x35-g 100 U', 'A x35-h B 100@10000', 'C x35-h 100 U')
  }),
  wired('X3.6-replace-cancels', 'a replacement that cannot be cancels', async (context) => {
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    for (const [token, terms] of [
      ['x36-a', { price: 0 }],
      ['x36-b', { shares: 1_000_000 }],
      ['x36-c', { shares: 30 }],
    ] as const) {
      await ann.command(enter(token, SELL))
      await ann.expectHeard(`A ${token} S 100@10000`)
      await bob.command(enter(token, { shares: 30 }))
      await bob.expectHeard(`A ${token} B 30@10000`, `E ${token} 30@10000 R`)
      await ann.command(replace(token, 'x36-d', terms))
      await ann.expectHeard(`E ${token} 30@10000 A`, `C ${token} 70 U`)
    }
    await traded(ann, 'x36-d')
  }),
  wired('X3.7-immediate', 'what an immediate order does not find is cancelled', async (context) => {
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    await ann.command(enter('x37-a', { ...SELL, shares: 30 }))
    await ann.expectHeard('A x37-a S 30@10000')
    await bob.command(enter('x37-b', { timeInForce: 0 }), enter('x37-c', { timeInForce: 0 }))
    await bob.expectHeard(
      'A x37-b B 100@10000',
      'E x37-b 30@10000 R',
      'C x37-b 70 I',
      'A x37-c B 100@10000',
      'C x37-c 100 I',
    )
  }),

  // 4 Matching --------------------------------------------------------------------------------------------------------
  wired(
    'X4.1-price-then-time',
    'the best price first, then whoever came first, at the price that was there',
    async (context) => {
      const [ann, bob, carl] = [
        await trader(context, 'ANN'),
        await trader(context, 'BOB'),
        await trader(context, 'CARL'),
      ]
      await ann.command(enter('x41-a', { ...SELL, price: 10_200 }), enter('x41-b', { ...SELL, price: 10_100 }))
      await ann.expectHeard('A x41-a S 100@10200', 'A x41-b S 100@10100')
      await carl.command(enter('x41-c', { ...SELL, price: 10_100 }), enter('x41-d', { ...SELL, price: 10_000 }))
      await carl.expectHeard('A x41-c S 100@10100', 'A x41-d S 100@10000')
      await bob.command(enter('x41-e', { shares: 350, price: 10_300 }))
      const matches = [100, 100, 100, 50].map(
        (shares, index) => `E x41-e ${shares}@${[10_000, 10_100, 10_100, 10_200][index]} R`,
      )
      await bob.expectHeard('A x41-e B 350@10300', ...matches)
      await carl.expectHeard('E x41-d 100@10000 A', 'E x41-c 100@10100 A')
      await ann.command(cancel('x41-a'))
      await ann.expectHeard('E x41-b 100@10100 A', 'E x41-a 50@10200 A', 'C x41-a 50 U')
    },
  ),
  wired(
    'X4.2-one-number',
    'both sides of a match are told the same number, and no other match has it',
    async (context) => {
      const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
      await ann.command(enter('x42-a', SELL))
      await ann.expectHeard('A x42-a S 100@10000')
      await bob.command(enter('x42-b', { shares: 40 }), enter('x42-c', { shares: 60 }))
      const [, first, , second] = await bob.expectHeard(
        'A x42-b B 40@10000',
        'E x42-b 40@10000 R',
        'A x42-c B 60@10000',
        'E x42-c 60@10000 R',
      )
      expectSame(
        "the seller's numbers",
        `${first} ${second}`,
        (await ann.expectHeard('E x42-a 40@10000 A', 'E x42-a 60@10000 A')).join(' '),
      )
      expectTrue(first !== second, `two matches have the number ${first}`)
    },
  ),
  replaced(
    'X4.3-fewer-shares',
    'a replacement with fewer shares at its price keeps its place',
    { shares: 50 },
    'first',
  ),
  replaced('X4.3-more-shares', 'one with more shares comes anew', { shares: 150 }, 'second'),
  replaced('X4.3-other-price', 'one that went to another price and came back does so too', { price: 9_999 }, 'second'),

  // 5 Streams ---------------------------------------------------------------------------------------------------------
  wired('X5.1-own-and-in-order', "an account's messages are its own, without a gap, in one order", async (context) => {
    const [ann, bob] = [await context.connect('ann'), await trader(context, 'BOB')]
    const next = await ann.logIn('ANN')
    const words: string[] = []
    for (let order = 0; order < 20; order++) {
      await Promise.all([
        ann.command(enter(`x51-${order}`, { ...SELL, shares: 5 })),
        bob.command(enter(`x51-${order}`, { shares: 5 }), cancel(`x51-${order}`)),
      ])
    }
    await ann.command(
      ...Array.from({ length: 20 }, (_, order) => cancel(`x51-${order}`)),
      enter('x51-end', { shares: 0 }),
    )
    for (let heard = await ann.heard(); heard.words !== 'J x51-end Z'; heard = await ann.heard())
      words.push(heard.words)
    const again = await context.connect('again')
    await again.logIn('ANN', next)
    await again.expectHeard(...words)
    expectTrue(
      words.every((each) => each.includes('x51-')),
      'a message is about no order of the account',
    )
  }),
  {
    id: 'X5.2-slow-client',
    clause: 'X5.2',
    name: 'a client that does not read for a while misses nothing, and others go on trading with it',
    needs: ['wire', 'limits'],
    options: { windowBytes: 2048 },
    async run(context) {
      const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
      ann.pause()
      for (let round = 0; round < 40; round++) {
        const tokens = Array.from({ length: 10 }, (_, index) => `x52-${round}-${index}`)
        await ann.command(...tokens.map((token) => enter(token, SELL)))
        await bob.command(...tokens.map((token) => enter(token)))
        for (const token of tokens) await bob.readUntilTold(token, 100)
      }
      ann.resume()
      for (let round = 0; round < 40; round++) {
        for (let index = 0; index < 10; index++) await ann.readUntilTold(`x52-${round}-${index}`, 100)
      }
    },
  },

  // 6 Watchers --------------------------------------------------------------------------------------------------------
  wired(
    'X6.1-best-prices',
    'a watcher is sent the best prices, when it comes and when they change',
    async (context) => {
      const [watcher, ann] = [await trader(context, 'WATCH'), await trader(context, 'ANN')]
      await watcher.expectHeard(`T ${SYMBOL} 0@0 0@0`)
      await ann.command(enter('x61-a', { price: 9_000 }))
      await ann.heard()
      await watcher.expectHeard(`T ${SYMBOL} 100@9000 0@0`)
      await ann.command(enter('x61-b', { ...SELL, shares: 7 }))
      await ann.heard()
      await watcher.expectHeard(`T ${SYMBOL} 100@9000 7@10000`)
      await ann.command(cancel('x61-a'), cancel('x61-b'))
      await ann.expectHeard('C x61-a 100 U', 'C x61-b 7 U')
      while ((await watcher.heard()).words !== `T ${SYMBOL} 0@0 0@0`);
    },
  ),
  wired('X6.2-may-not-trade', 'a watcher that trades is closed', async (context) => {
    const watcher = await trader(context, 'WATCH')
    await watcher.command(enter('x62-a'))
    await watcher.expectHeard(`T ${SYMBOL} 0@0 0@0`)
    await watcher.expectClosed('fin')
  }),

  // 7 Limits ----------------------------------------------------------------------------------------------------------
  {
    id: 'X7.1-streams-full',
    clause: 'X7.1',
    name: 'when the streams are full only whole orders can be cancelled',
    needs: ['wire', 'limits'],
    options: { streamBytesMax: 4096 },
    async run(context) {
      const ann = await trader(context, 'ANN')
      const tokens = Array.from({ length: 100 }, (_, order) => `x71-${order}`)
      await ann.command(...tokens.map((token) => enter(token)))
      await ann.closed()
      const again = await trader(context, 'ANN')
      await again.command(...tokens.map((token) => cancel(token)), enter('x71-end'))
      await again.expectHeard('C x71-0 100 U')
      await again.closed()
    },
  },
  ...LIFE.cases,
]

/** A case that any server can be asked, whatever its limits are. */
function wired(id: string, name: string, run: (context: Context) => Promise<void>): Case {
  return { id, clause: clauseIn(id), name, needs: ['wire'], basic: true, run }
}

/** These bytes close a connection, without a word. */
function closed(id: string, name: string, bytes: Uint8Array): Case {
  return wired(id, name, async (context) => {
    const client = await context.connect('stranger')
    await client.send(bytes)
    await client.expectClosed('fin')
  })
}

function refused(id: string, name: string, reason: string, bytes: Uint8Array): Case {
  return wired(id, name, async (context) => {
    const client = await context.connect('stranger')
    await client.send(bytes)
    await client.expectHeard(`J ${reason}`)
    await client.expectClosed('fin')
  })
}

function rejections(orders: readonly (readonly [id: string, reason: string, order: Order])[]): Case[] {
  return orders.map(([id, reason, order]) =>
    wired(`X3.3-${id}`, `an order is rejected: ${id.replaceAll('-', ' ')}`, async (context) => {
      const ann = await trader(context, 'ANN')
      const token = `x33-${id}`.slice(0, 14)
      await ann.command(enter(token, order))
      await ann.expectHeard(`J ${token} ${reason}`)
    }),
  )
}

/** Of two orders at one price the first is replaced, and then one of them is met. */
function replaced(id: string, name: string, { shares = 100, price = 10_000 }: Order, met: 'first' | 'second'): Case {
  return wired(id, name, async (context) => {
    const tag = id.slice(0, 9).toLowerCase()
    const [ann, bob] = [await trader(context, 'ANN'), await trader(context, 'BOB')]
    const carl = await trader(context, 'CARL')
    await ann.command(enter(`${tag}-a`))
    await ann.expectHeard(`A ${tag}-a B 100@10000`)
    await carl.command(enter(`${tag}-b`))
    await carl.expectHeard(`A ${tag}-b B 100@10000`)
    await ann.command(replace(`${tag}-a`, `${tag}-c`, { shares, price }), replace(`${tag}-c`, `${tag}-d`, { shares }))
    await ann.expectHeard(`U ${tag}-a>${tag}-c B ${shares}@${price}`, `U ${tag}-c>${tag}-d B ${shares}@10000`)
    await bob.command(enter(`${tag}-s`, { ...SELL, shares: 10, timeInForce: 0 }))
    await bob.expectHeard(`A ${tag}-s S 10@10000`, `E ${tag}-s 10@10000 R`)
    if (met === 'first') await ann.expectHeard(`E ${tag}-d 10@10000 A`)
    else await carl.expectHeard(`E ${tag}-b 10@10000 A`)
    await ann.command(cancel(`${tag}-d`))
    await carl.command(cancel(`${tag}-b`))
    await ann.expectHeard(`C ${tag}-d ${met === 'first' ? shares - 10 : shares} U`)
    await carl.expectHeard(`C ${tag}-b ${met === 'first' ? 100 : 90} U`)
  })
}

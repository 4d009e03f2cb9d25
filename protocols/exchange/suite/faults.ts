/** Exchanges with one planted fault each, caught by the case that it names: what exchanges get wrong. */
import { plantedFault } from '@switchyard/conformance/portable'
import type { PlantedFault } from '@switchyard/conformance/portable'

export const FAULTS: readonly PlantedFault[] = [
  // Wire ---------------------------------------------------------------------------------------------------------------
  plantedFault(
    'cut-is-forgotten',
    'what is left of a chunk behind its last packet is dropped',
    'X1.1-cut-anywhere',
    'packets.ts',
    ['if (at < chunk.length) this.#keep(chunk.subarray(at))', ''],
  ),
  plantedFault(
    'one-packet-a-chunk',
    'of several packets in a chunk the first is read',
    'X1.1-cut-anywhere',
    'packets.ts',
    [
      'if (!take(chunk, at + LENGTH_BYTES, end)) return true\n      at = end',
      'take(chunk, at + LENGTH_BYTES, end)\n      return true',
    ],
  ),
  plantedFault('empty-packets-taken', 'a packet of length 0 is skipped', 'X1.2-empty-packet', 'packets.ts', [
    'if (!isLength(length)) return false\n',
    'if (length === 0) {\n        at += LENGTH_BYTES\n        continue\n      }\n      if (!isLength(length)) return false\n',
  ]),
  plantedFault('long-packets-awaited', 'a packet of any length is waited for', 'X1.2-too-long', 'packets.ts', [
    'length <= CLIENT_PACKET_BYTES_MAX\n',
    'length <= 65_535\n',
  ]),
  plantedFault('longest-refused', 'the longest packet is refused', 'X1.2-longest', 'packets.ts', [
    'length <= CLIENT_PACKET_BYTES_MAX\n',
    'length < CLIENT_PACKET_BYTES_MAX\n',
  ]),
  plantedFault('unknown-types-skipped', 'packets of unknown types are skipped', 'X1.2-unknown-type', 'exchange.ts', [
    "return this.#end(session, 'a packet has an unknown type', out)",
    'return undefined',
  ]),
  plantedFault(
    'malformed-commands-skipped',
    'a command of a wrong length is skipped',
    'X1.3-malformed-command',
    'exchange.ts',
    ["return this.#end(session, 'a command is malformed', out)", 'return undefined'],
  ),
  plantedFault(
    'answers-lost-at-the-end',
    'what a step told an account is not sent if it also ends the session',
    'X1.3-malformed-command',
    'exchange.ts',
    ['    this.#send(session, out) // What it was told in this step, too.\n', ''],
  ),
  // Sessions -----------------------------------------------------------------------------------------------------------
  plantedFault(
    'heartbeats-keep-strangers',
    'a heartbeat gives a stranger more time to log in',
    'X2.1-login-deadline',
    'exchange.ts',
    [
      'if (session.account) this.#heard.touch(client, out.now)',
      'if (session.account) this.#heard.touch(client, out.now)\n    else this.#strangers.touch(client, out.now + 1e6)',
    ],
  ),
  plantedFault('any-password', 'the password is not looked at', 'X2.3-wrong-password', 'exchange.ts', [
    'if (!authorized || !account)',
    'if (!account)',
  ]),
  plantedFault(
    'wrong-names-told-apart',
    'a name that nobody has is refused otherwise than a wrong password',
    'X2.3-wrong-name',
    'exchange.ts',
    [
      "if (!authorized || !account) return this.#refuse(session, 'not-authorized', out)",
      "if (!account) return this.#refuse(session, 'no-such-session', out)\n    if (!authorized) return this.#refuse(session, 'not-authorized', out)",
    ],
  ),
  plantedFault('any-session', 'the session that is asked for is not looked at', 'X2.3-other-session', 'exchange.ts', [
    "(login.session !== '' && login.session !== current) || ",
    '',
  ]),
  plantedFault(
    'beyond-the-end-waited-for',
    'a number beyond the next message is taken for the next one',
    'X2.3-beyond-the-end',
    'exchange.ts',
    [
      'const sequence = login.sequence === 0 ? stream.count + 1 : login.sequence',
      'const sequence = login.sequence === 0 ? stream.count + 1 : login.sequence && Math.min(login.sequence, stream.count + 1)',
    ],
  ),
  plantedFault('refused-and-open', 'a refused client may try again', 'X2.3-wrong-password', 'exchange.ts', [
    '    this.#end(session, why, out)\n  }\n\n  /** Everybody whose',
    '  }\n\n  /** Everybody whose',
  ]),
  plantedFault('replays-from-one-late', 'a login begins one message too late', 'X2.4-from-a-number', 'exchange.ts', [
    'stream.cursor(sequence - 1)',
    'stream.cursor(Math.min(sequence, stream.count))',
  ]),
  plantedFault('replays-all', 'every login is sent the whole stream', 'X2.4-from-a-number', 'exchange.ts', [
    'stream.cursor(sequence - 1)',
    'stream.cursor(0)',
  ]),
  plantedFault('no-heartbeat', 'nobody is sent a heartbeat', 'X2.5-heartbeat', 'exchange.ts', [
    'if (out.queued(client) === 0) out.send(client, HEARTBEAT)',
    '',
  ]),
  plantedFault('one-heartbeat', 'the second heartbeat never comes', 'X2.5-heartbeat', 'exchange.ts', [
    '      this.#told.touch(client, now)\n    })',
    '      this.#told.delete(client)\n    })',
  ]),
  plantedFault('silence-is-borne', 'a silent client stays', 'X2.5-heartbeat', 'exchange.ts', [
    "(session) => this.#end(session, 'silent', out)",
    '({ client }) => this.#heard.delete(client)',
  ]),
  plantedFault('two-sessions', 'a second login leaves the first connection', 'X2.6-takes-over', 'exchange.ts', [
    "    if (before) this.#end(before, 'taken over', out)\n",
    '',
  ]),
  plantedFault('takeover-cancels', "a takeover cancels the account's orders", 'X2.6-takes-over', 'exchange.ts', [
    'if (!account || this.#byAccount.get(account) !== session) return // It was taken over: its orders have another session.',
    'if (!account) return',
  ]),
  plantedFault(
    'disconnect-cancels-nothing',
    'orders rest whatever was agreed',
    'X2.7-orders-cancelled',
    'exchange.ts',
    ['if (!this.engine.sessionEnded(account, time)) return', 'return'],
  ),
  plantedFault(
    'disconnect-cancels-everything',
    'orders are cancelled whatever was agreed',
    'X2.7-orders-rest',
    'engine.ts',
    [
      "if (entered === 'resting' && account.cancelsOnDisconnect) account.open.add(number)",
      "if (entered === 'resting') account.open.add(number)",
    ],
  ),
  plantedFault('yesterdays-tokens', 'tokens of the day before are still used up', 'X2.8-day-ends', 'engine.ts', [
    '    this.#orders = new OrderRecords(this.#options.ordersMax ?? ORDERS_MAX)\n    for (const account',
    '    for (const account',
  ]),
  plantedFault('day-ends-in-silence', 'nobody is told that the day ends', 'X2.8-day-ends', 'exchange.ts', [
    '      out.send(session.client, END_OF_SESSION)\n',
    '',
  ]),
  // Orders -------------------------------------------------------------------------------------------------------------
  plantedFault(
    'executed-before-accepted',
    'an order that is filled at once is told of its match first',
    'X3.1-accepted-first',
    'engine.ts',
    [
      '    this.#announce()\n    const match = ++this.#matches',
      '    if (this.#entering) this.#orders.add(this.#entering.record, this.#entering.bytes, this.#entering.start + ENTER_AT.token)\n    const match = ++this.#matches',
    ],
  ),
  plantedFault('tokens-used-again', 'a token is free when its order is gone', 'X3.2-token-once', 'engine.ts', [
    'if (this.#orders.find(account.number, bytes, token) !== NONE) return false\n    const stock',
    'const used = this.#orders.find(account.number, bytes, token)\n    if (used !== NONE && this.#books.some((book) => book.find(used) !== NONE)) return false\n    const stock',
  ]),
  plantedFault('tokens-of-all', 'a token that another account used is used up', 'X3.2-token-once', 'engine.ts', [
    'if (this.#orders.find(account.number, bytes, token) !== NONE) return false\n    const stock',
    'if (this.accounts.some(({ number }) => this.#orders.find(number, bytes, token) !== NONE)) return false\n    const stock',
  ]),
  plantedFault('million-accepted', 'a million shares are accepted', 'X3.3-a-million', 'ouch.ts', [
    'SHARES_MAX = 999_999',
    'SHARES_MAX = 1_000_000',
  ]),
  plantedFault('price-0', 'a price of 0 is no price', 'X3.3-no-price', 'engine.ts', [
    "if (price < 1 || price > PRICE_MAX) return 'invalid-price'",
    "if (price > PRICE_MAX) return 'invalid-price'\n    if (price < 1) return 'other'",
  ]),
  plantedFault(
    'cancel-means-take-away',
    'a cancel takes so many shares away',
    'X3.4-cancel-counts-executed',
    'engine.ts',
    ['size - this.#orders.executedOf(number)', 'size'],
  ),
  plantedFault(
    'cancels-for-others',
    "an account's orders can be cancelled by others",
    'X3.4-others-order',
    'engine.ts',
    [
      'const number = this.#orders.find(account.number, bytes, start + CANCEL_AT.token)',
      'const found = this.accounts.map((each) => this.#orders.find(each.number, bytes, start + CANCEL_AT.token))\n    const number = Math.max(...found)',
    ],
  ),
  plantedFault(
    'replace-forgets-executed',
    'a replacement has its shares open, whatever was executed',
    'X3.5-replaced',
    'engine.ts',
    ['const open = shares - executed\n', 'const open = shares\n'],
  ),
  plantedFault('replaced-token-free', 'a replacement may have a token that is used', 'X3.5-ignored', 'engine.ts', [
    'if (existing === NONE || this.#orders.find(account.number, bytes, token) !== NONE) return false',
    'if (existing === NONE) return false',
  ]),
  plantedFault(
    'wrong-replace-rejected',
    'a wrong replacement is rejected, and its order stays',
    'X3.6-replace-cancels',
    'engine.ts',
    [
      "return this.#reduce(account, existing, 0, 'user')\n    }\n    if",
      "return this.#reject(account, bytes, token, 'other')\n    }\n    if",
    ],
  ),
  plantedFault('immediate-rests', 'an immediate order rests', 'X3.7-immediate', 'engine.ts', [
    'const rests = timeInForce !== IMMEDIATE_OR_CANCEL\n    const entered = this.#books[stock]',
    'const rests = timeInForce >= IMMEDIATE_OR_CANCEL\n    const entered = this.#books[stock]',
  ]),
  // Matching -----------------------------------------------------------------------------------------------------------
  plantedFault('time-before-price', 'the worst price is met first', 'X4.1-price-then-time', 'levels.ts', [
    'return this.#count === 0 ? NONE : at(this.#levels, this.#count - 1)',
    'return this.#count === 0 ? NONE : at(this.#levels, 0)',
  ]),
  plantedFault('own-price', 'a match is at the price of the order that comes', 'X4.1-price-then-time', 'book.ts', [
    'const price = priceOf(against, at(levels.keyOf, level))',
    'const price = priceOf(against, keyMin)',
  ]),
  plantedFault('a-number-each', 'each side of a match has a number of its own', 'X4.2-one-number', 'engine.ts', [
    'shares, price, liquidity, match)',
    'shares, price, liquidity, liquidity === "added" ? match : ++this.#matches)',
  ]),
  plantedFault('both-removed', 'both sides are told that they removed', 'X4.2-one-number', 'engine.ts', [
    "this.#executed(maker, shares, price, 'added', match)",
    "this.#executed(maker, shares, price, 'removed', match)",
  ]),
  plantedFault('growing-keeps-its-place', 'an order that grows keeps its place', 'X4.3-more-shares', 'book.ts', [
    ' && shares <= at(orders, base + SHARES)) {',
    ') {',
  ]),
  plantedFault('shrinking-loses-its-place', 'an order that shrinks comes anew', 'X4.3-fewer-shares', 'book.ts', [
    ' && shares <= at(orders, base + SHARES)) {',
    ' && shares < 0) {',
  ]),
  // Streams, watchers, limits --------------------------------------------------------------------------------------------
  plantedFault('never-drained', 'what did not fit into the window is never sent', 'X5.2-slow-client', 'exchange.ts', [
    'if (session) this.#send(session, out)\n    if (this.#watchers',
    'if (this.#watchers',
  ]),
  plantedFault(
    'watchers-come-in-silence',
    'a watcher is sent nothing until a price changes',
    'X6.1-best-prices',
    'exchange.ts',
    ['      this.#show(session.client, 0, out)\n', ''],
  ),
  plantedFault('watchers-trade', 'a watcher may trade', 'X6.2-may-not-trade', 'exchange.ts', [
    "    if (account.watches) return this.#end(session, 'this account may not trade', out)\n",
    '',
  ]),
  plantedFault('streams-without-end', 'the streams of a day have no bound', 'X7.1-streams-full', 'exchange.ts', [
    'return this.engine.streamBytes >= this.#limits.streamBytesMax',
    'return false',
  ]),
  plantedFault(
    'full-for-cancels-too',
    'behind the bound nothing can be cancelled',
    'X7.1-streams-full',
    'exchange.ts',
    ['if (this.#isFull && !isWholeCancel(bytes, start))', 'if (this.#isFull)'],
  ),
]

/**
 * The cases, in the order of docs/protocols/epmd.md. A server may be asked all of them one after the other, so each registers
 * names that no other case uses, and none relies on what NAMES lists besides.
 */
import { clauseIn, expectSame, expectTrue, Failed } from '@switchyard/conformance/portable'
import type { Case as AnyCase, CaseContext } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { LIFE, register } from './life.ts'
import { alive2, found, NOT_FOUND, request, uint16 } from './message.ts'
import type { Described } from './message.ts'

type Case = AnyCase<Client>
type Context = CaseContext<Client>

const IDLE_MS = 1_000
/** How many times as long a server may take that counts in whole seconds. */
const ROUNDED = 4
const FACE = '😀'
/** How often a name is asked for until it is free: each time is a round trip, in which the server has to get on. */
const ASKED_MAX = 500

export const CASES: readonly Case[] = [
  // 1 Requests --------------------------------------------------------------------------------------------------------
  answered('D1.1-length-counts', 'the length counts what follows it', request('z', 'd11-nobody'), NOT_FOUND),
  silent('D1.2-length-0', 'a length of 0 is closed without an answer', uint16(0)),
  silent('D1.2-length-3058', 'a length of 3,058 is closed without an answer, as soon as it has come', uint16(3058)),
  silent('D1.2-length-65535', 'a length of 65,535 is closed without an answer, as soon as it has come', uint16(65_535)),
  wired('D1.2-length-3057', 'a request of 3,057 bytes is answered', async (context) => {
    const answer = await ask(context, request('n', 'x'.repeat(3056)))
    expectTrue(answer.length >= 4, `NAMES was answered with ${answer.length} bytes`)
  }),
  wired('D1.3-cut-anywhere', 'a name is registered by a request that is cut anywhere', async (context) => {
    const bytes = alive2('d13-cut', { extra: 'extra' })
    for (let cut = 1; cut < bytes.length; cut++) {
      const client = await context.connect()
      await client.send(bytes.subarray(0, cut))
      await context.settled()
      await client.send(bytes.subarray(cut))
      await client.registered()
      client.end()
      await client.expectClosed('fin')
    }
  }),
  wired('D1.4-two-in-a-segment', 'of two requests in one segment, at most the first is answered', async (context) => {
    const answer = await ask(context, Buffer.concat([request('z', 'd14-nobody'), request('z', 'd14-nobody')]))
    expectTrue(answer.length <= NOT_FOUND.length, `${answer.length} bytes came in answer to the first of two requests`)
  }),
  silent('D1.5-unknown-code', 'a code that nobody knows is closed without an answer', request('?', 'd15')),
  wired(
    'D1.6-fin-behind-request',
    'a client that sends FIN behind its request still gets the answer',
    async (context) => {
      const client = await context.connect()
      await client.send(request('z', 'd16-nobody'))
      client.end()
      await client.expectAnswer(NOT_FOUND)
    },
  ),
  wired('D1.6-fin-in-a-request', 'FIN behind a part of a request is closed without an answer', async (context) => {
    for (const bytes of [0, 1, 2, 5]) {
      const client = await context.connect()
      await client.send(request('z', 'd16-nobody').subarray(0, bytes))
      client.end()
      await client.expectClosed('fin')
    }
  }),
  {
    id: 'D1.7-idle-closed',
    clause: 'D1.7',
    name: 'a connection that sends nothing more is closed, whatever it has sent',
    needs: ['wire', 'limits'],
    options: { idleMs: IDLE_MS },
    async run(context) {
      for (const bytes of [0, 1, 5]) {
        const client = await context.connect()
        await client.send(request('z', 'd17-nobody').subarray(0, bytes))
        await context.within(ROUNDED * IDLE_MS, 'the end of an idle connection', client.closed())
        await client.expectClosed('fin')
      }
    },
  },
  {
    id: 'D1.7-registered-stays',
    clause: 'D1.7',
    name: 'a registered connection may be idle for as long as it likes',
    needs: ['wire', 'limits'],
    options: { idleMs: IDLE_MS },
    async run(context) {
      const node = await register(context, 'd17')
      await context.pass(ROUNDED * IDLE_MS)
      expectSame('how the connection ended', undefined, node.ending)
      await expectFound(context, 'd17')
    },
  },

  // 2 Registering -----------------------------------------------------------------------------------------------------
  wired('D2.1-registered', 'a name is registered, and the connection stays open', async (context) => {
    const node = await register(context, 'd21')
    await context.settled()
    expectSame('how the connection ended', undefined, node.ending)
    await expectFound(context, 'd21')
  }),
  wired(
    'D2.2-creation-size',
    'the creation has four bytes from version 6 on, and two bytes below it',
    async (context) => {
      await register(context, 'd22-seven', { highest: 7 })
      const node = await context.connect()
      await node.send(alive2('d22-five', { highest: 5 }))
      await node.registered(5)
      await context.settled()
      expectSame('bytes that came', 4, node.bytesReceived)
    },
  ),
  wired('D2.3-free-after-fin', 'after FIN a name is free', async (context) => {
    for (let life = 0; life < 3; life++) {
      const node = await register(context, 'd23-fin')
      node.end()
      await node.expectClosed('fin')
    }
    await expectNotFound(context, 'd23-fin')
  }),
  wired('D2.3-free-after-reset', 'after a reset a name is free', async (context) => {
    const node = await register(context, 'd23-reset')
    node.reset()
    await untilFree(context, 'd23-reset')
    await register(context, 'd23-reset')
  }),
  wired(
    'D2.3-many-end-at-once',
    'of many names that end at once, all are free, and the others stand',
    async (context) => {
      const names = Array.from({ length: 30 }, (_, index) => `d23-many-${index}`)
      const nodes = await Promise.all(names.map((name) => register(context, name)))
      for (const [index, node] of nodes.entries()) if (index % 3 === 0) node.reset()
      for (const [index, name] of names.entries()) {
        if (index % 3 === 0) await untilFree(context, name)
        else await expectFound(context, name)
      }
    },
  ),
  wired('D2.4-taken-refused', 'a name that is registered is refused, and the registration stands', async (context) => {
    const node = await register(context, 'd24', { port: 1 })
    const other = await context.connect()
    await other.send(alive2('d24', { port: 2 }))
    await other.refused()
    other.end()
    await other.expectClosed('fin')
    await expectFound(context, 'd24', { port: 1 })
    expectSame('how the connection ended that registered it', undefined, node.ending)
  }),
  wired('D2.5-longest-name', 'a name of 255 characters of four bytes, and an extra of 1,020 bytes', async (context) => {
    await register(context, FACE.repeat(255), { extra: 'e'.repeat(1020) })
  }),
  refused('D2.5-name-of-256', 'a name of 256 characters is refused', alive2('d25'.padEnd(256, 'x'))),
  refused('D2.5-name-not-utf8', 'a name that is not UTF-8 is refused', alive2(Uint8Array.of(0x64, 0xc0, 0x80))),
  refused('D2.5-extra-of-1021', 'an extra of 1,021 bytes is refused', alive2('d25-extra', { extra: 'e'.repeat(1021) })),
  silent('D2.6-name-beyond-the-end', "a name's length beyond the end of the request", alive2('d26', { nameBytes: 4 })),
  silent(
    'D2.6-extra-beyond-the-end',
    "an extra's length beyond the end of the request",
    alive2('d26', { extraBytes: 1 }),
  ),
  silent('D2.6-empty-name', 'an empty name', alive2('')),
  silent('D2.6-nul-in-name', 'a NUL inside of a name', alive2('d26\0d26')),
  silent('D2.6-nul-behind-name', 'a NUL at the end of a name', alive2('d26\0')),
  silent('D2.6-one-byte', 'an ALIVE2 of one byte', request('x')),
  wired('D2.6-bytes-behind-ignored', 'bytes behind the extra are ignored', async (context) => {
    await register(context, 'd26-behind', { extra: 'behind', extraBytes: 0 })
    await expectFound(context, 'd26-behind')
  }),
  wired(
    'D2.7-byte-ends-registration',
    'a byte from a registered client ends its registration and its connection',
    async (context) => {
      const node = await register(context, 'd27')
      await node.send(Uint8Array.of(0))
      await node.expectClosed('fin')
      await expectNotFound(context, 'd27')
    },
  ),
  wired('D2.8-creation-rises', "a name's creation of four bytes rises from life to life", async (context) => {
    let last = 0
    for (let life = 0; life < 5; life++) {
      const creation = await nextCreation(context, 'd28-long', 6)
      expectTrue(creation > last, `life ${life} has the creation ${creation}, the one before it ${last}`)
      last = creation
    }
  }),
  wired(
    'D2.8-creation-of-two-bytes',
    "a name's creation of two bytes is 1, 2 or 3, and differs from the last one",
    async (context) => {
      let last = 0
      for (let life = 0; life < 7; life++) {
        const creation = await nextCreation(context, 'd28-short', 5)
        expectTrue(
          creation >= 1 && creation <= 3 && creation !== last,
          `life ${life}: ${creation}, and before it ${last}`,
        )
        last = creation
      }
    },
  ),

  // 3 Asking ----------------------------------------------------------------------------------------------------------
  wired('D3.1-port-gives-back', 'PORT_PLEASE2 gives back what ALIVE2 brought', async (context) => {
    const node = { port: 0xfedc, highest: 9, extra: '\0\u0001\0' }
    await register(context, 'd31-né', node)
    await expectFound(context, 'd31-né', node)
  }),
  wired('D3.1-longest-name-found', 'a name of 255 characters is found', async (context) => {
    const name = 'd31'.padEnd(255, 'x')
    await register(context, name)
    await expectFound(context, name)
  }),
  answered('D3.2-not-found', 'a name that is not registered is not found', request('z', 'd32-nobody'), NOT_FOUND),
  wired('D3.3-one-nul-behind', 'one NUL behind the name is no part of it', async (context) => {
    await register(context, 'd33')
    const client = await context.connect()
    await client.send(request('z', 'd33\0'))
    await client.expectAnswer(found('d33'))
  }),
  silent('D3.3-no-name', 'no name', request('z')),
  silent('D3.3-nul-and-no-name', 'a NUL and no name', request('z', '\0')),
  silent('D3.3-nul-in-name', 'a NUL inside of the name', request('z', 'd33\0d33')),
  silent('D3.3-two-nuls-behind', 'two NULs behind the name', request('z', 'd33\0\0')),
  silent('D3.3-name-not-utf8', 'a name that is not UTF-8', request('z', Uint8Array.of(0x64, 0xff))),
  silent('D3.3-name-of-256', 'a name of 256 characters', request('z', 'd33'.padEnd(256, 'x'))),
  wired('D3.4-names', 'NAMES has the port of EPMD, and a line for each name', async (context) => {
    await register(context, 'd34-a', { port: 1 })
    await register(context, 'd34-bé', { port: 65_535 })
    const names = await listed(context, 'n')
    for (const line of ['name d34-a at port 1\n', 'name d34-bé at port 65535\n']) expectListed(names, line)
  }),
  wired('D3.5-dump', 'DUMP has the port of EPMD, and a line for each name', async (context) => {
    await register(context, 'd35-a', { port: 1 })
    await register(context, 'd35-b', { port: 2 })
    const dump = await listed(context, 'd')
    const [a, b] = ['a', 'b'].map((letter, index) => {
      return new RegExp(`active name {5}<d35-${letter}> at port ${index + 1}, fd = (\\d+)\\n\\0`).exec(dump)?.[1]
    })
    expectTrue(
      a !== undefined && b !== undefined && a !== b,
      `DUMP has no line, or no fd, for each of two names: ${dump}`,
    )
  }),
  wired('D3.6-rest-ignored', 'what follows the code of NAMES and DUMP is ignored', async (context) => {
    await register(context, 'd36')
    for (const code of ['n', 'd'])
      expectTrue((await listed(context, code, 'more')).includes('d36'), `${code} lists nothing`)
  }),

  // 4 Who may do what -------------------------------------------------------------------------------------------------
  {
    id: 'D4.1-remote',
    clause: 'D4.1',
    name: 'of a client on another machine, PORT_PLEASE2 and NAMES are answered, and nothing else',
    needs: ['wire', 'limits', 'roles'],
    options: { relaxed: 1 },
    async run(context) {
      const node = await register(context, 'd41')
      for (const bytes of [alive2('d41-remote'), request('d'), request('k'), request('s', 'd41')]) {
        const client = await context.connect('remote', 'remote')
        await client.send(bytes)
        await client.expectClosed('fin')
      }
      const asking = await context.connect('remote', 'remote')
      await asking.send(request('z', 'd41'))
      await asking.expectAnswer(found('d41'))
      const listing = await context.connect('remote', 'remote')
      await listing.send(request('n'))
      expectListed(Buffer.from(await listing.answer()).toString(), 'name d41 at port 4242\n')
      expectSame('how the connection ended that registered it', undefined, node.ending)
    },
  },
  killed(
    'D4.2-kill-without-names',
    'KILL is answered with OK while no name is registered, and the server shuts down',
    0,
    false,
  ),
  killed('D4.2-kill-relaxed', 'KILL is answered with OK by a relaxed server, and the server shuts down', 1, true),
  wired('D4.2-kill-refused', 'KILL is answered with NO while a name is registered', async (context) => {
    const node = await register(context, 'd42')
    const client = await context.connect()
    await client.send(request('k'))
    await client.expectAnswer('NO')
    await expectFound(context, 'd42')
    expectSame('how the connection ended that registered it', undefined, node.ending)
  }),
  wired('D4.3-stop-not-relaxed', 'STOP is closed without an answer, and the registration stands', async (context) => {
    const node = await register(context, 'd43')
    const client = await context.connect()
    await client.send(request('s', 'd43'))
    await client.expectClosed('fin')
    await expectFound(context, 'd43')
    expectSame('how the connection ended that registered it', undefined, node.ending)
  }),
  {
    id: 'D4.3-stop-frees',
    clause: 'D4.3',
    name: 'STOP of a relaxed server frees the name, and ends the connection that had registered it',
    needs: ['wire', 'limits'],
    options: { relaxed: 1 },
    async run(context) {
      const node = await register(context, 'd43-relaxed')
      const client = await context.connect()
      await client.send(request('s', 'd43-relaxed'))
      await client.expectAnswer('STOPPED')
      await node.expectClosed('fin')
      await register(context, 'd43-relaxed')
    },
  },
  {
    id: 'D4.3-stop-of-nobody',
    clause: 'D4.3',
    name: 'STOP of a name that nobody has is answered with NOEXIST',
    needs: ['wire', 'limits'],
    options: { relaxed: 1 },
    async run(context) {
      const client = await context.connect()
      await client.send(request('s', 'd43-nobody'))
      await client.expectAnswer('NOEXIST')
    },
  },
  ...LIFE.cases,
]

function wired(id: string, name: string, run: (context: Context) => Promise<void>): Case {
  return { id, clause: clauseIn(id), name, needs: ['wire'], basic: true, run }
}

function answered(id: string, name: string, bytes: Uint8Array, answer: Uint8Array): Case {
  return wired(id, name, async (context) => {
    const client = await context.connect()
    await client.send(bytes)
    await client.expectAnswer(answer)
  })
}

function silent(id: string, name: string, bytes: Uint8Array): Case {
  return answered(id, name, bytes, new Uint8Array(0))
}

function refused(id: string, name: string, bytes: Uint8Array): Case {
  return wired(id, name, async (context) => {
    const client = await context.connect()
    await client.send(bytes)
    await client.refused()
  })
}

/** The connections that stand are witnesses of the end. */
function killed(id: string, name: string, relaxed: 0 | 1, registered: boolean): Case {
  return {
    id,
    clause: clauseIn(id),
    name,
    needs: ['wire', 'limits', 'signal'],
    options: { relaxed },
    async run(context) {
      const witness = registered ? await register(context, 'd42-killed') : await context.connect('witness')
      await context.settled()
      const client = await context.connect()
      await client.send(request('k'))
      await client.expectAnswer('OK')
      await witness.closed()
    },
  }
}

/** One life of a name, from its registration to its end. */
async function nextCreation(context: Context, name: string, version: 5 | 6): Promise<number> {
  const client = await context.connect(name)
  await client.send(alive2(name, { highest: version }))
  const creation = await client.registered(version)
  client.end()
  await client.expectClosed('fin')
  return creation
}

async function ask(context: Context, bytes: Uint8Array): Promise<Uint8Array> {
  const client = await context.connect()
  await client.send(bytes)
  return client.answer()
}

async function expectFound(context: Context, name: string, node: Partial<Described> = {}): Promise<void> {
  const client = await context.connect()
  await client.send(request('z', name))
  await client.expectAnswer(found(name, node))
}

async function expectNotFound(context: Context, name: string): Promise<void> {
  const client = await context.connect()
  await client.send(request('z', name))
  await client.expectAnswer(NOT_FOUND)
}

/** A server hears of a reset when it comes to it (D2.3). */
async function untilFree(context: Context, name: string): Promise<void> {
  for (let asked = 0; asked < ASKED_MAX; asked++) {
    if (Buffer.compare(await ask(context, request('z', name)), NOT_FOUND) === 0) return
  }
  throw new Failed(`${name} is still registered, though its connection is gone`, 'no-place')
}

async function listed(context: Context, code: string, rest = ''): Promise<string> {
  const answer = await ask(context, request(code, rest))
  expectTrue(answer.length >= 4, `the answer has ${answer.length} bytes: not even a port`)
  return Buffer.from(answer.subarray(4)).toString()
}

function expectListed(list: string, line: string): void {
  expectTrue(list.includes(line), `NAMES lacks the line "${line.trim()}"; it has: ${list}`)
}

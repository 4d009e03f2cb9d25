import * as fc from 'fast-check'
import { describe, expect } from 'vitest'
import { alive2, request, uint16 } from '../suite/message.ts'
import { anyInput, clause, framed, hex, Stage } from './support.ts'

const PORT_HEX = '00001111'
const FACE = '😀'

describe('1 Requests', () => {
  clause('D1.2', 'A length is from 1 to 3,057', 'closed at its second byte, or waited for', () => {
    const stage = new Stage()
    for (const length of [0, 3058, 4096, 65_535]) expect(stage.ask(uint16(length))).toBe('closed')
    for (const length of [1, 3057]) expect(stage.ask(uint16(length))).toBe('')
    expect(stage.ask(Uint8Array.of(0xff))).toBe('')
    expect(stage.ask(framed(Buffer.from(`n${'x'.repeat(3056)}`)))).toBe(`${PORT_HEX} closed`)
  })

  clause('D1.3', 'split at any byte is answered like a whole one', 'any bytes, cut anywhere', () => {
    fc.assert(
      fc.property(anyInput, fc.array(fc.nat(), { maxLength: 6 }), (input, cuts) => {
        const ends = [...cuts.map((at) => at % (input.length + 1)).sort((left, right) => left - right), input.length]
        const [whole, inPieces] = [new Stage({ relaxed: true }), new Stage({ relaxed: true })]
        for (const stage of [whole, inPieces]) stage.register('a')
        const client = inPieces.connect()
        inPieces.receive(client, ...ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end)))
        expect(inPieces.heard(client)).toBe(whole.ask(input))
      }),
      { numRuns: 1000 },
    )
  })

  clause('D1.4', 'bytes behind it are never answered', 'two requests in one chunk, or in two', () => {
    const stage = new Stage()
    expect(stage.ask(Buffer.concat([request('n'), request('n')]))).toBe(`${PORT_HEX} closed`)
    const client = stage.connect()
    stage.epmd.received(client, request('n'), stage)
    stage.epmd.received(client, request('n'), stage)
    expect(stage.heard(client)).toBe(`${PORT_HEX} closed`)
  })

  clause('D1.5', 'code is unknown', 'every code that is none', () => {
    const stage = new Stage({ relaxed: true, onKill: () => {} })
    for (let code = 0; code < 256; code++) {
      if ('xzndks'.includes(String.fromCharCode(code))) continue
      expect(stage.ask(framed(Uint8Array.of(code, 97)))).toBe('closed')
    }
  })

  clause('D1.7', 'has sent nothing for `idleMs`', 'each connection has its own time', () => {
    const stage = new Stage({ idleMs: 1000 })
    const [slow, silent, registered] = [stage.connect(), stage.connect(), stage.register('a')]
    stage.pass(999)
    stage.receive(slow, Uint8Array.of(0))
    expect(stage.heard(silent)).toBe('')
    stage.pass(1)
    expect(stage.heard(silent)).toBe('closed')
    stage.pass(998)
    expect(stage.heard(slow)).toBe('')
    stage.pass(1)
    expect(stage.heard(slow)).toBe('closed')
    stage.pass(1_000_000)
    expect(stage.heard(registered)).not.toContain('closed')
  })

  clause('D1.7', 'a timer may fire early', 'then nothing is closed, and the timer is asked for again', () => {
    const stage = new Stage({ idleMs: 1000 })
    const client = stage.connect()
    stage.now = 998.5
    stage.epmd.woken(stage)
    expect(stage.heard(client)).toBe('')
    stage.pass(2)
    expect(stage.heard(client)).toBe('closed')
  })
})

describe('2 Registering', () => {
  clause('D2.2', '118, 0 and a creation of 4 bytes', 'and 121, 0 and 2 bytes below version 6', () => {
    const stage = new Stage()
    expect(stage.ask(alive2('a'))).toBe('760001020304')
    expect(stage.ask(alive2('b', { highest: 65_535 }))).toBe('760001020305')
    expect(stage.ask(alive2('c', { highest: 5 }))).toMatch(/^7900000[123]$/)
    const slow = stage.connect()
    stage.receive(slow, ...Array.from(alive2('d'), (byte) => Uint8Array.of(byte)))
    expect(stage.heard(slow)).toMatch(/^7600/)
    expect(stage.epmd.heldBytes(slow)).toBe(0)
  })

  clause('D2.3', 'exactly as long as its connection', 'each name is free once its client is gone', () => {
    const stage = new Stage()
    const [first, second] = [stage.register('a'), stage.register('b')]
    stage.disconnect(first)
    expect(stage.ask(request('z', 'a'))).toBe('7701 closed')
    expect(stage.ask(request('z', 'b'))).toMatch(/^7700/)
    stage.register('a')
    stage.disconnect(second)
    expect(stage.ask(request('n'))).toBe(`${PORT_HEX}${hex('name a at port 4242\n')} closed`)
  })

  clause('D2.4', 'the registration that stands is untouched', 'also when the refused client leaves', () => {
    const stage = new Stage()
    stage.register('a', { port: 1 })
    expect(stage.ask(alive2('a', { port: 2 }))).toBe('760100000063 closed')
    expect(stage.ask(alive2('a', { port: 2, highest: 5 }))).toBe('79010063 closed')
    expect(stage.ask(request('n'))).toBe(`${PORT_HEX}${hex('name a at port 1\n')} closed`)
  })

  clause('D2.5', 'more than 255 characters', 'characters, and not bytes; UTF-8; the extra', () => {
    const stage = new Stage()
    expect(stage.ask(alive2('x'.repeat(255)))).toMatch(/^7600/)
    expect(stage.ask(alive2(FACE.repeat(255), { extra: 'e'.repeat(1020) }))).toMatch(/^7600/)
    const overlong = Uint8Array.of(0xc0, 0x80)
    const surrogate = Uint8Array.of(0xed, 0xa0, 0x80)
    for (const name of ['x'.repeat(256), FACE.repeat(256), Uint8Array.of(0xff), overlong, surrogate]) {
      expect(stage.ask(alive2(name))).toBe('760100000063 closed')
    }
    expect(stage.ask(alive2('a', { extra: 'e'.repeat(1021) }))).toBe('760100000063 closed')
  })

  clause(
    'D2.6',
    'lengths that reach beyond its end',
    'or a request that is too short, a name without bytes or with a NUL',
    () => {
      const stage = new Stage()
      const whole = alive2('a').subarray(2)
      for (let bytes = 1; bytes < whole.length; bytes++)
        expect(stage.ask(framed(whole.subarray(0, bytes)))).toBe('closed')
      for (const nameBytes of [2, 3, 65_535]) expect(stage.ask(alive2('a', { nameBytes }))).toBe('closed')
      for (const extraBytes of [1, 65_535]) expect(stage.ask(alive2('a', { extraBytes }))).toBe('closed')
      for (const name of ['', 'a\0', '\0a', 'a\0b']) expect(stage.ask(alive2(name))).toBe('closed')
      expect(stage.ask(alive2('a', { extra: 'behind it', extraBytes: 0 }))).toMatch(/^7600/)
    },
  )

  clause('D2.7', 'A byte from a registered client', 'in the same chunk or a later one', () => {
    const stage = new Stage()
    const client = stage.register('a')
    stage.receive(client, Uint8Array.of(0))
    expect(stage.heard(client)).toMatch(/closed$/)
    stage.register('a')
    expect(stage.ask(Buffer.concat([alive2('b'), Uint8Array.of(0)]))).toMatch(/^7600.* closed$/)
    stage.register('b')
  })

  clause('D2.8', 'differ in their creation', 'it rises, and starts again behind the last one', () => {
    const stage = new Stage({ firstCreation: 0xffff_fffe })
    const creations = ['fffffffe', 'ffffffff', '00000004', '00000005']
    for (const creation of creations) expect(stage.ask(alive2('a'))).toBe(`7600${creation}`)
    const short = Array.from({ length: 9 }, () => Number(stage.ask(alive2('a', { highest: 5 })).slice(-2)))
    for (const [index, creation] of short.entries()) {
      expect([1, 2, 3]).toContain(creation)
      expect(creation).not.toBe(short[index + 1])
    }
  })
})

describe('3 Asking', () => {
  clause('D3.1', 'what ALIVE2 brought, in its order', 'byte for byte', () => {
    const stage = new Stage()
    const node = { port: 0xfedc, highest: 7, extra: '\0\u0001\0' }
    stage.register('né', node)
    const described = Buffer.from(alive2('né', node).subarray(3)).toString('hex')
    expect(stage.ask(request('z', 'né'))).toBe(`7700${described} closed`)
    stage.register('b', { extra: 'x' })
    expect(stage.ask(request('z', 'b'))).toBe('770010924d0000060005000162000178 closed')
  })

  clause('D3.3', 'One NUL behind the name is no part of it', 'two are; so is one inside', () => {
    const stage = new Stage()
    stage.register('a')
    expect(stage.ask(request('z', 'a\0'))).toBe(stage.ask(request('z', 'a')))
    for (const name of ['', '\0', 'a\0\0', '\0a', 'x'.repeat(256), Uint8Array.of(0x61, 0xff)]) {
      expect(stage.ask(request('z', name))).toBe('closed')
    }
    expect(stage.ask(request('z', 'x'.repeat(255)))).toBe('7701 closed')
    expect(stage.ask(request('z', '\ufeffa'))).toBe('7701 closed')
  })

  clause('D3.4', 'the port on which EPMD listens', 'and a line for each name', () => {
    const stage = new Stage({ port: 0x0102_0304 })
    expect(stage.ask(request('n'))).toBe('01020304 closed')
    stage.register('a', { port: 1 })
    stage.register('bé', { port: 65_535 })
    expect(stage.ask(request('n'))).toBe(`01020304${hex('name a at port 1\nname bé at port 65535\n')} closed`)
  })

  clause('D3.5', 'a newline and a NUL for each registered name', 'and what tells connections apart', () => {
    const stage = new Stage()
    const [first, second] = [stage.register('a'), stage.register('b')]
    const lines = `active name     <a> at port 4242, fd = ${first}\n\0active name     <b> at port 4242, fd = ${second}\n\0`
    expect(stage.ask(request('d'))).toBe(`${PORT_HEX}${hex(lines)} closed`)
  })

  clause('D3.6', 'What follows the code', 'is ignored', () => {
    const stage = new Stage()
    for (const code of 'ndk') expect(stage.ask(request(code, 'more'))).toBe(stage.ask(request(code)))
  })
})

describe('4 Who may do what', () => {
  clause('D4.1', 'of a client that is not local', 'two requests are for everybody', () => {
    const stage = new Stage({ relaxed: true, onKill: () => expect.unreachable() })
    stage.register('a')
    for (const bytes of [alive2('b'), alive2('x'.repeat(256)), request('d'), request('k'), request('s', 'a')]) {
      expect(stage.ask(bytes, 'remote')).toBe('closed')
    }
    for (const bytes of [request('z', 'a'), request('n')]) expect(stage.ask(bytes, 'remote')).toBe(stage.ask(bytes))
  })

  clause('D4.2', 'if no name is registered or the server is `relaxed`', 'and somebody can end the server', () => {
    for (const relaxed of [false, true]) {
      let killed = 0
      const stage = new Stage({ relaxed, onKill: () => killed++ })
      expect(stage.ask(request('k'))).toBe(`${hex('OK')} closed`)
      stage.register('a')
      expect(stage.ask(request('k'))).toBe(`${hex(relaxed ? 'OK' : 'NO')} closed`)
      expect(killed).toBe(relaxed ? 2 : 1)
    }
    expect(new Stage({ relaxed: true }).ask(request('k'))).toBe(`${hex('NO')} closed`)
  })

  clause('D4.3', 'closes the connection that had registered it', 'if the server is relaxed', () => {
    const stage = new Stage({ relaxed: true })
    const client = stage.register('a')
    expect(stage.ask(request('s', 'b'))).toBe(`${hex('NOEXIST')} closed`)
    expect(stage.heard(client)).not.toContain('closed')
    expect(stage.ask(request('s', 'a'))).toBe(`${hex('STOPPED')} closed`)
    expect(stage.heard(client)).toContain('closed')
    stage.register('a')
    stage.disconnect(client)
    expect(stage.ask(request('z', 'a'))).toMatch(/^7700/)
    const strict = new Stage()
    strict.register('a')
    expect(strict.ask(request('s', 'a'))).toBe('closed')
  })
})

describe('Nothing is kept', () => {
  clause('D2.3', 'exactly as long as its connection', 'any steps of any clients, against a table of names', () => {
    const anyStep = fc.record({
      kind: fc.constantFrom('alive', 'send', 'leave'),
      client: fc.nat(4),
      name: fc.constantFrom('a', 'b', 'c'),
      bytes: anyInput,
    })
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const stage = new Stage({ idleMs: 1000 })
        const clients = Array.from({ length: 5 }, () => stage.connect())
        for (const { kind, client: index, name, bytes } of steps) {
          const client = clients[index] ?? 0
          if (kind === 'alive') stage.receive(client, alive2(name))
          else if (kind === 'send') stage.receive(client, bytes)
          else {
            stage.disconnect(client)
            clients[index] = stage.connect()
          }
          expect(stage.epmd.heldBytes(client)).toBeLessThanOrEqual(3058)
        }
        for (const client of clients) stage.disconnect(client)
        expect(stage.ask(request('n'))).toBe(`${PORT_HEX} closed`)
        for (const client of clients) expect(stage.epmd.heldBytes(client)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})

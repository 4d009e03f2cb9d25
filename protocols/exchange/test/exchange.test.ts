import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Engine } from '../src/index.ts'
import { DEMO } from '../suite/demo.ts'
import { cancel, enter, login, packet, replace } from '../suite/messages.ts'
import { OPTIONS, Stage } from './support.ts'

describe('a day', () => {
  test('two trade, and each is told its side of it, first that the order was accepted', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.logIn('ANN'), stage.logIn('BOB')]
    stage.command(ann, enter('a1', { side: 'S', shares: 300, price: 10_000 }))
    stage.command(bob, enter('b1', { shares: 100, price: 10_500 }), enter('b2', { shares: 500 }), cancel('b2', 350))
    stage.command(bob, replace('b2', 'b3', { shares: 250, price: 9_000 }), cancel('b3'))
    expect(stage.heard(ann)).toEqual(['A 1 1', 'A a1 S 300@10000 #1', 'E a1 100@10000 A m1', 'E a1 200@10000 A m2'])
    expect(stage.heard(bob)).toEqual([
      'A 1 1',
      'A b1 B 100@10500 #2',
      'E b1 100@10000 R m1',
      'A b2 B 500@10000 #3',
      'E b2 200@10000 R m2',
      'C b2 150 U',
      'U b2>b3 B 50@9000 #4',
      'C b3 50 U',
    ])
  })

  test('an order that may not rest is cancelled where it was not filled', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.logIn('ANN'), stage.logIn('BOB')]
    stage.command(ann, enter('a1', { side: 'S', shares: 30 }))
    stage.command(bob, enter('b1', { timeInForce: 0 }), enter('b2', { timeInForce: 0 }))
    expect(stage.heard(bob).slice(1)).toEqual([
      'A b1 B 100@10000 #2',
      'E b1 30@10000 R m1',
      'C b1 70 I',
      'A b2 B 100@10000 #3',
      'C b2 100 I',
    ])
  })

  test.each([
    ['Z', { shares: 0 }],
    ['Z', { shares: 1_000_000 }],
    ['X', { price: 0 }],
    ['X', { price: 0x7fff_ffff }],
    ['S', { stock: 'ELSE' }],
    ['O', { side: 'Q' }],
    ['O', { timeInForce: 60 }],
    ['D', { display: 'N' }],
    ['N', { minimum: 1 }],
  ])('rejects with %s: %o', (reason, order) => {
    const stage = new Stage()
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1', order), enter('a1'))
    expect(stage.heard(ann).slice(1)).toEqual([`J a1 ${reason}`, 'A a1 B 100@10000 #1'])
  })

  test('a token is used once; what names no open order is ignored', () => {
    const stage = new Stage()
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1'), enter('a1'), cancel('a2'), replace('a2', 'a3'), cancel('a1'), cancel('a1'))
    stage.command(ann, replace('a1', 'a4'), enter('a5'), enter('a6'), replace('a5', 'a6'))
    expect(stage.heard(ann).slice(1)).toEqual([
      'A a1 B 100@10000 #1',
      'C a1 100 U',
      'A a5 B 100@10000 #2',
      'A a6 B 100@10000 #3',
    ])
    expect(stage.records.length).toBe(4) // What changes nothing is not kept either.
  })

  test('a replacement with wrong terms, or of fewer shares than were executed, cancels', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.logIn('ANN'), stage.logIn('BOB')]
    stage.command(ann, enter('a1'), replace('a1', 'a2', { price: 0 }), enter('a2', { side: 'S' }))
    stage.command(bob, enter('b1', { shares: 40 }))
    stage.command(ann, replace('a2', 'a3', { shares: 40 }))
    expect(stage.heard(ann).slice(1)).toEqual([
      'A a1 B 100@10000 #1',
      'C a1 100 U',
      'A a2 S 100@10000 #2',
      'E a2 40@10000 A m1',
      'C a2 60 U',
    ])
  })

  test('a book without room refuses, and a day without numbers is closed', () => {
    const stage = new Stage({ book: { ordersMax: 1, levelsMax: 1 }, ordersMax: 2 })
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1'), enter('a2'), cancel('a1'), enter('a2'), enter('a3'), replace('a2', 'a4'))
    expect(stage.heard(ann).slice(1)).toEqual([
      'A a1 B 100@10000 #1',
      'J a2 O',
      'C a1 100 U',
      'A a2 B 100@10000 #2',
      'J a3 C',
      'J a4 C',
    ])
  })

  test.each([
    ['cancel-resting', ['A a1 B 100@10000 #1', 'A a2 S 100@10000 #2', 'C a1 100 Q']],
    ['cancel-incoming', ['A a1 B 100@10000 #1', 'A a2 S 100@10000 #2', 'C a2 100 Q']],
    ['allowed', ['A a1 B 100@10000 #1', 'A a2 S 100@10000 #2', 'E a2 100@10000 R m1', 'E a1 100@10000 A m1']],
  ] as const)('an account meets itself: %s', (selfTrade, expected) => {
    const stage = new Stage({ selfTrade })
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1'), enter('a2', { side: 'S' }))
    expect(stage.heard(ann).slice(1)).toEqual(expected)
  })
})

describe('sessions', () => {
  test('a login begins wherever it asks to', () => {
    const stage = new Stage()
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1'), enter('a2'), enter('a3'))
    stage.disconnect(ann)
    const all = ['A a1 B 100@10000 #1', 'A a2 B 100@10000 #2', 'A a3 B 100@10000 #3']
    for (const sequence of [1, 2, 3, 4]) {
      const again = stage.logIn('ANN', sequence, '1')
      expect(stage.heard(again)).toEqual([`A 1 ${sequence}`, ...all.slice(sequence - 1)])
      stage.disconnect(again)
    }
    expect(stage.heard(stage.logIn('ANN', 0))).toEqual(['A 1 4'])
  })

  test.each([
    ['A', login('ANN', 'wrong')],
    ['A', login('NONE', 'pwNONE')],
    ['S', login('ANN', 'pwANN', '2')],
    ['S', login('ANN', 'pwANN', '', 2)],
  ])('is refused with %s', (reason, wrong) => {
    const stage = new Stage()
    const client = stage.connect()
    stage.receive(client, wrong)
    expect(stage.heard(client)).toEqual([`J ${reason}`])
    expect(stage.closed(client)).toBe(reason === 'A' ? 'not-authorized' : 'no-such-session')
    stage.receive(client, login('ANN', 'pwANN'))
    expect(stage.heard(client)).toEqual([])
  })

  test('a second login takes over, and nothing is cancelled by that', () => {
    const stage = new Stage()
    const first = stage.logIn('CARL')
    stage.command(first, enter('c1'))
    const second = stage.logIn('CARL', 1)
    expect(stage.closed(first)).toBe('taken over')
    stage.disconnect(first)
    expect(stage.heard(second)).toEqual(['A 1 1', 'A c1 B 100@10000 #1'])
    stage.disconnect(second)
    expect(stage.heard(stage.logIn('CARL', 2))).toEqual(['A 1 2', 'C c1 100 S'])
  })

  test.each([
    ['not logged in', packet('U', enter('a1'))],
    ['a packet is empty or too long', Uint8Array.of(0, 0)],
    ['a packet is empty or too long', Uint8Array.of(1, 1, 0x2b)],
    ['a packet has an unknown type', packet('Q')],
    ['a login is malformed', packet('L', 'short')],
    ['logged out', packet('O')],
  ])('ends: %s', (why, bytes) => {
    const stage = new Stage()
    const client = stage.connect()
    stage.receive(client, bytes)
    expect(stage.closed(client)).toBe(why)
  })

  test('a malformed command ends the session, and those before it count', () => {
    const stage = new Stage()
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1'), enter('a2').subarray(1), enter('a3'))
    expect(stage.heard(ann).slice(1)).toEqual(['A a1 B 100@10000 #1'])
    expect(stage.closed(ann)).toBe('a command is malformed')
  })

  test('time: a heartbeat for whoever was sent nothing, an end for whoever is silent or does not log in', () => {
    const stage = new Stage({ heartbeatMs: 1000, silenceMs: 3500, loginMs: 2500 })
    const [ann, stranger] = [stage.logIn('ANN'), stage.connect()]
    stage.bytes(ann)
    stage.pass(600)
    stage.command(ann, enter('a1'))
    stage.pass(900)
    expect(stage.heard(ann)).toEqual(['A a1 B 100@10000 #1'])
    stage.pass(100)
    expect(stage.heard(ann)).toEqual(['H'])
    stage.pass(899)
    expect(stage.closed(stranger)).toBeUndefined()
    stage.pass(1)
    expect(stage.closed(stranger)).toBe('did not log in')
    stage.pass(1599)
    expect(stage.closed(ann)).toBeUndefined()
    stage.pass(1)
    expect(stage.closed(ann)).toBe('silent')
  })

  test('a slow client is sent a window of its stream, and the rest as it reads', () => {
    const stage = new Stage({ windowBytes: 200 })
    const ann = stage.logIn('ANN')
    stage.stall(ann)
    for (let order = 0; order < 20; order++) stage.command(ann, enter(`a${order}`))
    expect(stage.queued(ann)).toBeLessThanOrEqual(200 + 69)
    expect(stage.heard(ann).length).toBeLessThan(6)
    stage.readsAgain(ann)
    expect(stage.heard(ann).at(-1)).toBe('A a19 B 100@10000 #20')
  })

  test('when the streams are full, whole orders can still be cancelled', () => {
    const stage = new Stage({ streamBytesMax: 1024 })
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1'), cancel('a1'), enter('a2'))
    expect(stage.heard(ann).slice(1)).toEqual(['A a1 B 100@10000 #1', 'C a1 100 U'])
    expect(stage.closed(ann)).toBe("the day's streams are full")
  })

  test('the day ends: everybody is told, and the next one begins with nothing', () => {
    const stage = new Stage({ day: { firstEnd: 5000, ms: 5000 } })
    const ann = stage.logIn('ANN')
    stage.command(ann, enter('a1'))
    stage.pass(5000)
    expect(stage.heard(ann).at(-1)).toBe('Z')
    expect(stage.closed(ann)).toBe('the day has ended')
    const again = stage.logIn('ANN', 1, '2')
    stage.command(again, enter('a1'))
    expect(stage.heard(again)).toEqual(['A 2 1', 'A a1 B 100@10000 #1'])
  })
})

describe('watchers', () => {
  test('see the best prices after each step, and may not trade', () => {
    const stage = new Stage()
    const [watcher, ann] = [stage.logIn('WATCH'), stage.logIn('ANN')]
    stage.command(ann, enter('a1', { price: 9_000 }), enter('a2', { side: 'S', shares: 5 }))
    stage.command(ann, cancel('a1'))
    expect(stage.heard(watcher)).toEqual(['A 1 1', 'T SWYD 0@0 0@0', 'T SWYD 100@9000 5@10000', 'T SWYD 0@0 5@10000'])
    stage.command(watcher, enter('w1'))
    expect(stage.closed(watcher)).toBe('this account may not trade')
  })

  test('that read nothing miss what they are told of, and see how it stands', () => {
    const stage = new Stage()
    const [watcher, ann] = [stage.logIn('WATCH'), stage.logIn('ANN')]
    stage.bytes(watcher)
    stage.stall(watcher)
    for (const price of [1, 2, 3]) stage.command(ann, enter(`a${price}`, { price }))
    stage.readsAgain(watcher)
    expect(stage.heard(watcher)).toEqual(['T SWYD 100@3 0@0 (3 missed)'])
  })
})

/** Commands of three accounts, some of which mean nothing. */
const COMMANDS = fc.array(
  fc.record({
    who: fc.nat(2),
    kind: fc.constantFrom('enter', 'enter', 'enter', 'replace', 'cancel', 'leave'),
    token: fc.nat(12),
    other: fc.nat(12),
    side: fc.constantFrom('B', 'S'),
    shares: fc.nat(5),
    price: fc.integer({ min: 1, max: 4 }),
    timeInForce: fc.constantFrom(0, 99_998),
  }),
  { minLength: 1, maxLength: 60 },
)

describe('what is kept', () => {
  test('the journal says it all: its replay, from any snapshot, makes the same streams; and nothing gets lost', () => {
    fc.assert(
      fc.property(COMMANDS, fc.nat(), (commands, at) => {
        const stage = new Stage()
        const names = ['ANN', 'BOB', 'CARL']
        const clients = names.map((name) => stage.logIn(name))
        let snapshot = stage.exchange.engine.snapshot()
        let from = 0
        for (const [index, { who, kind, token, other, side, ...terms }] of commands.entries()) {
          const client = clients[who] ?? 0
          stage.now += index % 3
          if (kind === 'leave') {
            stage.disconnect(client)
            clients[who] = stage.logIn(names[who] ?? '')
          } else if (kind === 'enter') stage.command(client, enter(`t${token}`, { ...terms, side }))
          else if (kind === 'replace') stage.command(client, replace(`t${token}`, `t${other}`, terms))
          else stage.command(client, cancel(`t${token}`, terms.shares))
          if (index === at % commands.length) {
            snapshot = stage.exchange.engine.snapshot()
            from = stage.records.length
          }
        }
        const replayed = new Engine(OPTIONS)
        for (const record of stage.records) replayed.replay(record)
        const resumed = new Engine(OPTIONS)
        resumed.restore(snapshot)
        for (const record of stage.records.slice(from)) resumed.replay(record)
        const whole = stage.exchange.engine.snapshot()
        expect(Buffer.compare(replayed.snapshot(), whole)).toBe(0)
        expect(Buffer.compare(resumed.snapshot(), whole)).toBe(0)
        expectBalanced(stage)
      }),
      { numRuns: 150 },
    )
  })

  test('a snapshot of another version, other symbols or other accounts is refused, and one that is cut', () => {
    const engine = new Engine(OPTIONS)
    const snapshot = engine.snapshot()
    const other = Uint8Array.from(snapshot)
    other[3] = 0x39
    expect(() => new Engine(OPTIONS).restore(other)).toThrow('of version "SWX9", and this is SWX1')
    expect(() => new Engine({ ...OPTIONS, symbols: ['ELSE'] }).restore(snapshot)).toThrow('has the symbols SWYD')
    expect(() => new Engine({ ...OPTIONS, accounts: DEMO.accounts.slice(1) }).restore(snapshot)).toThrow(
      'has an account "ANN"',
    )
    expect(() => new Engine(OPTIONS).restore(snapshot.subarray(0, 60))).toThrow('ends too early')
  })
})

/** Entered = open + executed + cancelled, for each account; and the book is not crossed. */
function expectBalanced(stage: Stage): void {
  const { engine } = stage.exchange
  const book = engine.bookOf('SWYD')
  if (!book) throw new Error('there is no book')
  const resting = ([0, 1] as const).flatMap((side) => [...book.resting(side)])
  for (const { name, number } of engine.accounts) {
    if (name === 'WATCH') continue
    const words = stage.heard(stage.logIn(name, 1)).map((each) => each.split(' '))
    const open = resting.filter(({ owner }) => owner === number).reduce((sum, { shares }) => sum + shares, 0)
    const shares = (types: string, at: number): number =>
      words
        .filter(([type = '']) => types.includes(type))
        .reduce((sum, each) => sum + Number.parseInt(each[at] ?? '', 10), 0)
    const replaced = words.filter(([type]) => type === 'U').map(([, tokens = '']) => tokens.split('>')[0])
    const left = replaced.map((token) => leftOf(words, token)).reduce((sum, each) => sum + each, 0)
    const entered = words
      .filter((each) => each.length > 3 && 'AU'.includes(each[0] ?? ''))
      .reduce((sum, each) => sum + Number.parseInt(each[3] ?? '', 10), 0)
    expect(entered - left).toBe(open + shares('E', 2) + shares('C', 2))
  }
  const [bid, ask] = [book.best(0), book.best(1)]
  if (bid > 0 && ask > 0) expect(bid).toBeLessThan(ask)
}

/** Shares that an order had left when it was replaced. */
function leftOf(words: readonly (readonly string[])[], token: string | undefined): number {
  const said = words.filter((each) => each[1] === token || each[1]?.endsWith(`>${token}`))
  return said.reduce((sum, [type = '', , shares = '', size = '']) => {
    if (type === 'A' || type === 'U') return sum + Number.parseInt(size, 10)
    return type === 'E' || type === 'C' ? sum - Number.parseInt(shares, 10) : sum
  }, 0)
}

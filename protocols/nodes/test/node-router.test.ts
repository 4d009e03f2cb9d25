import type { ClientId } from '@switchyard/core'
import { Random } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { firstIdOf, lastIdOf, LOSS_REASONS, nodeOf } from '../src/index.ts'
import { grantFrame, helloFrame, receivedFrame } from '../src/wire.ts'
import { Stage, Wire } from './stage.ts'

const WINDOW = 1024

function joined(options = {}): { one: Stage; other: Stage; wire: Wire } {
  const one = new Stage(1, { windowBytes: WINDOW, ...options })
  const other = new Stage(2, { windowBytes: WINDOW, ...options })
  const wire = new Wire(one, other)
  wire.settle()
  return { one, other, wire }
}

/** Reasons of which there is one. */
function lossesOf(stage: Stage, to: ClientId): Record<string, number> {
  const counts = stage.router.snapshot().lossesOf[String(to)]
  const some = LOSS_REASONS.map((reason) => [reason, counts?.[reason] ?? 0] as const)
  return Object.fromEntries(some.filter(([, count]) => count > 0))
}

const bytes = (count: number): string => 'x'.repeat(count - 1)

describe('ids', () => {
  test('N1.1: the node can be read off an id, and no two nodes share one', () => {
    expect(nodeOf(firstIdOf(3))).toBe(3)
    expect(nodeOf(lastIdOf(3))).toBe(3)
    expect(lastIdOf(3) + 2).toBe(firstIdOf(4))
    expect(lastIdOf(255)).toBe(2 ** 31 - 1)
  })

  test('N1.1: a node number out of range is refused', () => {
    expect(() => new Stage(0)).toThrow(RangeError)
    expect(() => new Stage(256)).toThrow('node is 256: it must be a whole number from 1 to 255')
  })
})

describe('messages', () => {
  test('N2.1: cross to the node that their id names, in order, however the link is cut', () => {
    const { one, other, wire } = joined()
    const from = one.connect()
    const to = other.connect()
    for (let count = 0; count < 20; count++) one.write(from, [to, `m${count}`], [from, 'own'])
    wire.settle(3)
    expect(other.heard(to)).toEqual(Array.from({ length: 20 }, (_, count) => `m${count}`))
    expect(one.heard(from)).toHaveLength(20)
  })

  test('N5.1: for a node that there is not are dropped and counted', () => {
    const { one } = joined()
    one.write(one.connect(), [firstIdOf(9), 'a'], [2 ** 32 - 1, 'b'])
    expect(lossesOf(one, firstIdOf(9))).toEqual({ 'unknown-node': 1 })
    expect(one.dropped).toBe(2)
  })

  test('N5.1: for a client that is gone are dropped and counted where it was', () => {
    const { one, other, wire } = joined()
    const gone = other.connect()
    other.disconnect(gone)
    one.write(one.connect(), [gone, 'a'], [gone, 'b'])
    wire.settle()
    expect(lossesOf(other, gone)).toEqual({ gone: 2 })
    expect(one.router.snapshot().peers[0]?.windows).toBe(0)
  })

  test('N6.2: a client that names a link can put nothing into it', () => {
    const { one, other, wire } = joined()
    const [here, there] = [wire.linkOf(one), wire.linkOf(other)]
    one.write(one.connect(), [here, 'a'], [there, 'b'])
    expect(one.queued(here)).toBe(8 + 4 + 2)
    wire.settle()
    expect(lossesOf(one, here)).toEqual({ 'link-id': 1 })
    expect(lossesOf(other, there)).toEqual({ 'link-id': 1 })
    expect(one.aborted.size + other.aborted.size).toBe(0)
  })

  test.each([64 * 1024, 5])(
    'N6.3: one that is longer than the other node allows is dropped and counted, cut at %i',
    (cut) => {
      const one = new Stage(1)
      const other = new Stage(2, { messageBytesMax: 1024 })
      const wire = new Wire(one, other)
      wire.settle()
      const [from, to] = [one.connect(), other.connect()]
      one.write(from, [to, bytes(70_000)], [to, 'short'])
      wire.settle(cut)
      expect(other.heard(to)).toEqual(['short'])
      expect(other.router.snapshot().losses['too-long']).toBe(1)
    },
  )
})

describe('windows', () => {
  test('N4.1: a full one holds back who sends to that client, and nobody else', () => {
    const { one, other, wire } = joined()
    const [guilty, innocent] = [one.connect(), one.connect()]
    const [stalled, reading] = [other.connect(), other.connect()]
    other.write(other.connect(), [stalled, bytes(WINDOW)])
    one.write(guilty, [stalled, bytes(WINDOW - 1)])
    expect(one.paused.size).toBe(0)
    one.write(guilty, [stalled, bytes(1)])
    one.write(innocent, [reading, 'a'])
    expect([...one.paused]).toEqual([guilty])
    wire.settle()
    expect([...one.paused]).toEqual([guilty])
    other.takeAll(stalled)
    wire.settle()
    expect(one.paused.size).toBe(0)
  })

  test('N4.1: senders that together go beyond their window do not lengthen a queue that is long', () => {
    const { one, other, wire } = joined()
    const stalled = other.connect()
    const senders = Array.from({ length: 8 }, () => one.connect())
    for (const [index, sender] of senders.entries()) one.write(sender, [stalled, `${index} ${bytes(WINDOW - 2)}`])
    wire.settle()
    expect(one.paused.size).toBe(senders.length)
    expect(other.queued(stalled)).toBe(4 + WINDOW)
    expect(other.router.heldBytes(stalled)).toBe(7 * WINDOW)
    other.takeAll(stalled)
    wire.settle()
    expect(other.heard(stalled).map((body) => Number(body.slice(0, 1)))).toEqual([...senders.keys()])
    expect([one.paused.size, other.router.heldBytes(stalled)]).toEqual([0, 0])
  })

  test('N5.1: what waits for a client that goes is counted', () => {
    const { one, other, wire } = joined()
    const [from, stalled] = [one.connect(), other.connect()]
    other.write(other.connect(), [stalled, bytes(WINDOW)])
    one.write(from, [stalled, 'a'], [stalled, 'b'])
    wire.settle()
    other.disconnect(stalled)
    expect(other.router.snapshot().losses.gone).toBe(2)
    expect(other.router.heldBytes(stalled)).toBe(0)
  })

  test('N5.2: a node that stops hands out what waits for a client', () => {
    const { one, other, wire } = joined()
    const [from, stalled] = [one.connect(), other.connect()]
    other.write(other.connect(), [stalled, bytes(WINDOW)])
    one.write(from, [stalled, 'waits'])
    wire.settle()
    expect(other.heard(stalled)).toHaveLength(1)
    other.router.stopping(other)
    expect(other.heard(stalled).at(-1)).toBe('waits')
  })

  test('N4.1: what is taken is given back in time, so that a window empties for good', () => {
    const { one, other, wire } = joined()
    const [from, to] = [one.connect(), other.connect()]
    for (let count = 0; count < 100; count++) {
      one.write(from, [to, bytes(100)])
      expect(one.paused.size).toBe(0)
      wire.settle()
      other.take(to)
    }
    other.advance(100)
    wire.settle()
    expect(one.router.snapshot().peers[0]).toMatchObject({ windows: 0, sent: 100, confirmed: 100 })
  })

  test('N4.1: of a client that goes while it is full, all is given back: who waited for it is let go', () => {
    const { one, other, wire } = joined()
    const [from, stalled] = [one.connect(), other.connect()]
    other.write(other.connect(), [stalled, bytes(WINDOW)])
    one.write(from, [stalled, bytes(WINDOW)])
    wire.settle()
    expect([...one.paused]).toEqual([from])
    other.disconnect(stalled)
    wire.settle()
    expect(one.paused.size).toBe(0)
  })

  test('N4.2: a link with a mebibyte queued holds back who sends over it', () => {
    const { one, other, wire } = joined({ windowBytes: 2 ** 22 })
    const [from, to] = [one.connect(), other.connect()]
    one.write(from, [to, bytes(2 ** 20)])
    expect([...one.paused]).toEqual([from])
    wire.carry(one)
    expect(one.paused.size).toBe(0)
  })

  test('N4.1: a client that is held for two is let go when both have room', () => {
    const { one, other, wire } = joined()
    const from = one.connect()
    const full = [other.connect(), other.connect()] as const
    for (const to of full) other.write(other.connect(), [to, bytes(WINDOW)])
    one.write(from, [full[0], bytes(WINDOW)], [full[1], bytes(WINDOW)])
    wire.settle()
    other.takeAll(full[0])
    wire.settle()
    expect([...one.paused]).toEqual([from])
    other.takeAll(full[1])
    wire.settle()
    expect(one.paused.size).toBe(0)
  })

  test('N4.2: ids that nobody has leave nothing behind', () => {
    const { one, wire } = joined()
    const from = one.connect()
    for (let id = 0; id < 5000; id++) one.write(from, [firstIdOf(2) + 1000 + id, 'a'])
    wire.settle()
    expect(one.router.snapshot().peers[0]?.windows).toBe(0)
  })
})

describe('a link that breaks', () => {
  test('N3.1: what was on the way is reported exactly, once the link stands again', () => {
    const { one, other, wire } = joined()
    const [from, to] = [one.connect(), other.connect()]
    one.write(from, [to, 'arrives'])
    wire.settle()
    one.write(from, [to, 'lost'], [to, 'lost too'])
    wire.cut()
    expect(one.router.snapshot().peers[0]).toMatchObject({ state: 'down', inDoubt: 3 })
    const again = new Wire(one, other)
    again.settle()
    expect(lossesOf(one, to)).toEqual({ 'link-lost': 2 })
    expect(one.router.snapshot().peers[0]).toMatchObject({ state: 'linked', inDoubt: 0, links: 2 })
    one.write(from, [to, 'after'])
    again.settle()
    expect(other.heard(to)).toEqual(['arrives', 'after'])
  })

  test('N3.2: another run of the node knows nothing: all that is in doubt is reported', () => {
    const { one, other, wire } = joined()
    const [from, to] = [one.connect(), other.connect()]
    one.write(from, [to, 'arrives unconfirmed'], [to, 'a'])
    wire.settle()
    one.write(from, [to, 'b'])
    wire.cut()
    new Wire(one, new Stage(2, { epoch: 2 })).settle()
    expect(lossesOf(one, to)).toEqual({ 'link-lost': 3 })
    expect(one.router.snapshot().peers[0]?.epoch).toBe(2)
  })

  test('N3.3: senders are held while it may heal, and then what they send is dropped and counted', () => {
    const { one, other, wire } = joined({ healMs: 500 })
    const [from, to] = [one.connect(), other.connect()]
    wire.cut()
    one.write(from, [to, 'a'])
    expect([...one.paused]).toEqual([from])
    one.advance(499)
    expect([...one.paused]).toEqual([from])
    one.advance(1)
    expect(one.paused.size).toBe(0)
    one.write(from, [to, 'b'])
    expect(one.paused.size).toBe(0)
    expect(lossesOf(one, to)).toEqual({ 'link-down': 2 })
  })

  test('N3.3: who was held for a window is let go when the link stands again', () => {
    const { one, other, wire } = joined()
    const [from, to] = [one.connect(), other.connect()]
    one.write(from, [to, bytes(WINDOW)])
    wire.cut()
    expect([...one.paused]).toEqual([from])
    new Wire(one, other).settle()
    expect(one.paused.size).toBe(0)
  })

  test('N3.4: a newer link ends the older one, of which nothing more is taken', () => {
    const { one, other, wire } = joined()
    const [from, to] = [one.connect(), other.connect()]
    one.write(from, [to, 'late'])
    const newer = new Wire(one, other)
    newer.settle()
    expect([...other.aborted.keys()]).toEqual([wire.linkOf(other)])
    wire.settle()
    one.write(from, [to, 'new'])
    newer.settle()
    expect(other.heard(to)).toEqual(['new'])
    expect(lossesOf(one, to)).toEqual({ 'link-lost': 1 })
  })

  test('N3.1: random breaks: sent = heard + reported, in order, none twice', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed)
      const { one, other, wire } = joined({ windowBytes: 64 })
      let present = wire
      const [from, to] = [one.connect(), other.connect()]
      let sent = 0
      for (let step = 0; step < 60; step++) {
        const what = random.below(10)
        if (what < 5 && !one.paused.has(from)) one.write(from, [to, String(sent++)], [to, String(sent++)])
        else if (what < 6) present.carry(one)
        else if (what < 7) present.carry(other)
        else if (what < 8) present.settle(1 + random.below(20))
        else if (what < 9) for (const stage of [one, other]) stage.advance(50)
        else {
          if (random.below(2) === 0) present.cut()
          present = new Wire(one, other)
        }
      }
      present.cut()
      new Wire(one, other).settle()
      other.takeAll(to)
      const heard = other.heard(to).map(Number)
      const lost = Object.values(lossesOf(one, to)).reduce((sum, count) => sum + count, 0)
      expect(heard.length + lost, `seed ${seed}`).toBe(sent)
      expect(heard, `seed ${seed}`).toEqual([...new Set(heard)].toSorted((a, b) => a - b))
    }
  })
})

describe('a leave', () => {
  test('N5.2: what was read is delivered, both ways, when two nodes leave together', () => {
    const { one, other, wire } = joined()
    const [a, b] = [one.connect(), other.connect()]
    const controls = [one, other].map((stage) => ({ stage, control: stage.connect('leaving') }))
    one.write(a, [b, 'to b'])
    other.write(b, [a, 'to a'])
    for (const { stage, control } of controls) stage.receive(control, Uint8Array.of(1))
    expect(controls.map(({ stage, control }) => stage.closed.has(control))).toEqual([false, false])
    one.write(a, [b, 'was on the way'])
    wire.settle()
    for (const { stage } of controls) stage.advance(100)
    wire.settle()
    expect(controls.map(({ stage, control }) => stage.closed.has(control))).toEqual([true, true])
    expect(one.heard(a)).toEqual(['to a'])
    expect(other.heard(b)).toEqual(['to b', 'was on the way'])
    expect([...one.paused]).toEqual([a])
  })

  test('N5.2: a node that stays sends nothing more to it, and says so', () => {
    const { one, other, wire } = joined()
    const [from, to] = [one.connect(), other.connect()]
    const control = other.connect('leaving')
    other.receive(control, Uint8Array.of(1))
    wire.settle()
    one.write(from, [to, 'in time'])
    one.advance(100)
    one.write(from, [to, 'a'])
    wire.settle()
    expect(other.heard(to)).toEqual(['in time'])
    wire.cut()
    one.write(from, [to, 'b'])
    expect(one.paused.size).toBe(0)
    expect(lossesOf(one, to)).toEqual({ 'node-left': 2 })
    const run = new Stage(2, { epoch: 2 })
    const wireToIt = new Wire(one, run)
    wireToIt.settle()
    const there = run.connect()
    one.write(from, [there, 'c'])
    wireToIt.settle()
    expect(run.heard(there)).toEqual(['c'])
  })

  test('N5.2: what a node that leaves has not confirmed is reported at once: it will not say more', () => {
    const { one, other, wire } = joined()
    const [from, to] = [one.connect(), other.connect()]
    other.receive(other.connect('leaving'), Uint8Array.of(1))
    one.write(from, [to, 'too late'])
    wire.carry(other)
    one.advance(100)
    wire.cut()
    expect(one.router.snapshot().peers[0]).toMatchObject({ state: 'left', inDoubt: 0 })
    expect(lossesOf(one, to)).toEqual({ 'link-lost': 1 })
  })

  test('N5.2: does not wait longer than it may for a node that says nothing', () => {
    const { other } = joined({ leaveMs: 300 })
    const control = other.connect('leaving')
    other.receive(control, Uint8Array.of(1))
    other.advance(299)
    expect(other.closed.size).toBe(0)
    other.advance(1)
    expect([...other.closed]).toEqual([control])
  })
})

describe('a stranger on a link', () => {
  const hello = { node: 2, epoch: 1, serial: 1, windowBytes: 100, secret: new Uint8Array(32) }

  test.each([
    ['rubbish', [new TextEncoder().encode('GET / HTTP/1.1\r\n')], 'a frame of a kind that there is not'],
    ['data first', [Uint8Array.of(2, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1)], 'data before hello'],
    ['two hellos', [helloFrame(hello), helloFrame(hello)], 'a second hello'],
    ['our own number', [helloFrame({ ...hello, node: 1 })], 'a hello of node 1'],
    ['no secret', [helloFrame({ ...hello, secret: new Uint8Array(32).fill(1) })], 'a hello without the secret'],
    ['a count that lies', [helloFrame(hello), receivedFrame({ serial: firstIdOf(1), messages: 1 })], 'a count of more'],
    ['a long hello', [Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 0)], 'a hello frame of 256 bytes: it has at most 50'],
  ])('N6.1: is cut off: %s', (_, frames, why) => {
    const one = new Stage(1)
    const link = one.connect('node')
    for (const frame of frames) one.receive(link, frame)
    expect(one.aborted.get(link)).toContain(why)
    expect(one.paced.has(link)).toBe(true)
  })

  test('N6.1: a hello of an earlier run does not take the place of the present one', () => {
    const { one, wire } = joined({ epoch: 5 })
    const late = one.connect('node')
    one.receive(late, helloFrame({ ...hello, epoch: 4 }))
    expect([...one.aborted.keys()]).toEqual([late])
    expect(one.aborted.has(wire.linkOf(one))).toBe(false)
  })

  test('N6.1: grants for what was never sent widen no window', () => {
    const one = new Stage(1)
    const link = one.connect('node')
    const from = one.connect()
    const to = firstIdOf(2) + 7
    one.receive(link, helloFrame(hello))
    one.receive(link, grantFrame([{ client: to, bytes: 1_000_000 }]))
    one.write(from, [to, bytes(100)])
    expect([...one.paused]).toEqual([from])
  })
})

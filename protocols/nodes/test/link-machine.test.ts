import { Random } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { UNTAKEN_BYTES_MAX } from '../src/links/machine-link.ts'
import { decodeSegment, encodeBeat, encodeLinkSegment, SEGMENT_BYTES_MAX } from '../src/links/segment.ts'
import { CALM, FaultyBus, writeNext } from './faulty-bus.ts'
import type { End, Seen } from './faulty-bus.ts'

function busOf(nodes: number, seed = 1): { bus: FaultyBus; ends: readonly End[] } {
  const bus = new FaultyBus(new Random(seed))
  const ends = Array.from({ length: nodes }, (_, index) => bus.add(index + 1, 100 + index))
  return { bus, ends }
}

/** The one link of an end that stands, to that node. */
function linkTo(end: End | undefined, node: number): Seen {
  const [seen, ...more] = end?.links.filter(({ link }) => link.peer === node) ?? []
  if (!seen || more.length > 0) throw new Error(`${more.length + (seen ? 1 : 0)} links to node ${node}`)
  return seen
}

describe('joining', () => {
  test('three nodes link in pairs, once each', () => {
    const { bus, ends } = busOf(3)
    bus.advance(2_000)
    for (const end of ends) {
      expect(end.joined).toBe(1)
      expect(end.seen.map(({ link }) => link.peer).toSorted((a, b) => a - b)).toEqual(
        [1, 2, 3].filter((node) => node !== end.node),
      )
    }
  })

  test('a node that does not hear itself does not join: it may not publish, or not listen', () => {
    const { bus, ends } = busOf(1)
    for (const end of ends) end.cutOff = true
    bus.advance(5_000)
    expect(ends[0]?.joined).toBe(0)
  })

  test('a node that does not hear itself any more drops its links, though it hears the others', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [one] = ends
    if (one) one.deafToItself = true
    bus.advance(1_900)
    expect([one?.machine.state, one?.links.length]).toEqual(['listening', 0])
  })

  test('another connection to the broker begins anew', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const standing = linkTo(ends[0], 2)
    ends[0]?.machine.busUp(bus.now)
    expect(standing.broke).toBe('the broker is away')
  })

  test('the younger of two with one number refuses, and the older is told', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const younger = bus.add(1, 200)
    bus.advance(2_000)
    expect([younger.joined, younger.taken]).toEqual([0, 100])
    expect([ends[0]?.joined, ends[0]?.taken]).toEqual([1, undefined])
    expect(ends[0]?.rivals).toContain(200)
  })

  test('a node whose beats come late, though not so late that it is silent, keeps its number', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [slow] = ends
    if (slow) slow.asleep = true
    const younger = bus.add(1, 200)
    bus.advance(1_300)
    slow?.wake()
    bus.advance(1_000)
    expect([younger.joined, younger.taken]).toEqual([0, 100])
    expect(slow?.taken).toBe(undefined)
  })

  test('of two that start together one joins', () => {
    const bus = new FaultyBus(new Random(1))
    const [older, younger] = [bus.add(1, 100), bus.add(1, 101)]
    bus.advance(3_000)
    expect([older.joined, older.taken]).toEqual([1, undefined])
    expect([younger.joined, younger.taken]).toEqual([0, 100])
  })

  test('one that slept while another took its number does not serve again', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [slept] = ends
    if (slept) slept.asleep = true
    bus.advance(3_000)
    const successor = bus.add(1, 300)
    bus.advance(2_500)
    expect(successor.joined).toBe(1)
    slept?.wake()
    bus.advance(1_000)
    expect(slept?.taken).toBe(300)
    expect(successor.taken).toBe(undefined)
    expect(slept?.links).toEqual([])
  })

  test('the others remember the highest id of a node that is gone', () => {
    const bus = new FaultyBus(new Random(1))
    const first = bus.add(1, 100, 4_711)
    bus.add(2, 101)
    bus.advance(2_000)
    first.cutOff = true
    bus.ends.splice(0, 1)
    bus.advance(2_000)
    const second = bus.add(1, 200)
    bus.advance(2_000)
    expect(second.machine.highestOwnId).toBe(4_711)
  })
})

describe('streams', () => {
  test('come in order, and cut into segments', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [from, to] = [linkTo(ends[0], 2), linkTo(ends[1], 1)]
    from.link.write(new Uint8Array(200_000).fill(7))
    from.link.flush()
    for (let count = 0; count < 300; count++) writeNext(from)
    bus.advance(10)
    expect(to.read).toHaveLength(200_300)
    expect(to.read.slice(200_000)).toEqual(from.written)
  })

  test('wait when the other end takes nothing, and go on when it does', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [one, other] = ends
    if (other) other.reads = false
    const [from, to] = [linkTo(one, 2), linkTo(other, 1)]
    from.link.write(new Uint8Array(UNTAKEN_BYTES_MAX + 1_000_000))
    from.link.flush()
    bus.advance(1_000)
    expect(to.untaken).toBeGreaterThan(UNTAKEN_BYTES_MAX - SEGMENT_BYTES_MAX)
    expect(to.untaken).toBeLessThanOrEqual(UNTAKEN_BYTES_MAX)
    expect(from.link.waitingBytes).toBe(UNTAKEN_BYTES_MAX + 1_000_000 - to.untaken)
    to.link.take(to.untaken)
    to.link.flush()
    bus.advance(10)
    expect(from.link.waitingBytes).toBe(0)
    expect(to.read).toHaveLength(UNTAKEN_BYTES_MAX + 1_000_000)
  })

  test('what little was taken is told with the next beat', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const from = linkTo(ends[0], 2)
    writeNext(from)
    bus.advance(10)
    expect(from.link.untakenBytes).toBe(1)
    bus.advance(300)
    expect(from.link.untakenBytes).toBe(0)
  })

  test('end when both ends finish; nothing breaks, and a node that leaves gets no other link', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [one, other] = ends
    const [from, to] = [linkTo(one, 2), linkTo(other, 1)]
    one?.machine.leave()
    writeNext(from)
    one?.machine.finish(from.link)
    bus.advance(10)
    expect([to.read, to.finished, from.finished]).toEqual([[0], true, false])
    other?.machine.finish(to.link)
    bus.advance(2_000)
    expect([to.broke, from.broke, one?.seen.length, other?.seen.length]).toEqual([undefined, undefined, 1, 1])
  })

  test('that a user resets break for both, and the next link has other numbers', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [from, to] = [linkTo(ends[0], 2), linkTo(ends[1], 1)]
    ends[0]?.reset(from)
    bus.advance(600)
    expect(to.broke).toBe('node 1 has reset the link')
    expect(ends.map(({ seen }) => seen.length)).toEqual([2, 2])
  })
})

describe('faults', () => {
  test('a lost segment breaks the link, also if nothing follows it', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [from, to] = [linkTo(ends[0], 2), linkTo(ends[1], 1)]
    bus.faults = { ...CALM, dropped: 1000 }
    writeNext(from)
    bus.faults = CALM
    bus.advance(600)
    expect([to.read, to.broke]).toEqual([[], 'a segment was lost'])
    expect(linkTo(ends[1], 1)).not.toBe(to)
  })

  test('silence is noticed within the limit, and healed', () => {
    const { bus, ends } = busOf(3)
    bus.advance(2_000)
    const [one] = ends
    if (one) one.cutOff = true
    bus.advance(1_800)
    expect(ends.map(({ links }) => links.length)).toEqual([0, 1, 1])
    if (one) one.cutOff = false
    bus.advance(2_500)
    expect(ends.map(({ links }) => links.length)).toEqual([2, 2, 2])
  })

  test('a node that slept breaks its links before anything of them is taken', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [one, other] = ends
    const [to, from] = [linkTo(one, 2), linkTo(other, 1)]
    if (one) one.asleep = true
    writeNext(from)
    bus.advance(1_700)
    one?.wake()
    expect(to).toMatchObject({ read: [], broke: 'this node was asleep' })
    expect(from.broke).toBe('node 1 is silent')
    bus.advance(2_000)
    expect(ends.map(({ links }) => links.length)).toEqual([1, 1])
  })

  test('without a bus there is no link, and with it there is one again', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    ends[0]?.machine.busDown()
    expect(ends[0]?.links).toEqual([])
    bus.advance(3_000)
    ends[0]?.machine.busUp(bus.now)
    bus.advance(1_500)
    expect(ends[0]?.links).toEqual([])
    bus.advance(600)
    expect(ends.map(({ links }) => links.length)).toEqual([1, 1])
  })

  test('an open of an earlier link, delayed, changes nothing; one with a number that is not ours opens nothing', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [one, other] = ends
    if (other?.links[0]) other.reset(other.links[0])
    bus.advance(600)
    const present = linkTo(one, 2)
    const open = { kind: 'open', node: 2, epoch: 101, toEpoch: 100, theirs: 1, at: 0, bytes: new Uint8Array() } as const
    one?.receive(encodeLinkSegment({ ...open, mine: 1 }))
    expect(present.broke).toBe(undefined)
    if (one) one.reset(present)
    const links = one?.seen.length
    one?.receive(encodeLinkSegment({ ...open, mine: 9, theirs: 99 }))
    one?.receive(encodeLinkSegment({ ...open, mine: 9, theirs: 99 }))
    expect(one?.seen.length).toBe(links)
  })

  test('a count of more than was sent is a lie, and opens no window', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const from = linkTo(ends[0], 2)
    writeNext(from)
    from.link.receiveTaken(1_000)
    expect(from.link.untakenBytes).toBe(1)
  })

  test('a broker that is away briefly costs a link no more than its return', () => {
    const { bus, ends } = busOf(3)
    bus.advance(2_000)
    ends[0]?.machine.busDown()
    bus.advance(30)
    ends[0]?.machine.busUp(bus.now)
    bus.advance(20)
    expect(ends.map(({ links }) => links.length)).toEqual([2, 2, 2])
  })

  test('what anybody may publish there is dropped', () => {
    const { bus, ends } = busOf(2)
    bus.advance(2_000)
    const [one] = ends
    const to = linkTo(one, 2)
    const from = { node: 2, epoch: 101, toEpoch: 100, mine: 9, theirs: 9, at: 0, bytes: Uint8Array.of(1) }
    const random = new Random(1)
    one?.receive(encodeLinkSegment({ kind: 'data', ...from }))
    one?.receive(encodeLinkSegment({ kind: 'data', ...from, mine: 1, theirs: 1, toEpoch: 99 }))
    one?.receive(encodeBeat({ node: 2, epoch: 50, joined: true, nodes: [], links: [] }))
    for (let count = 0; count < 2_000; count++) {
      one?.receive(Uint8Array.from({ length: random.below(60) }, () => random.below(256)))
    }
    expect([to.read, to.broke]).toEqual([[], undefined])
    expect(decodeSegment(new Uint8Array())).toBe(undefined)
  })

  test('whatever the bus does: each stream is a prefix of what was written, and all links stand once it is calm', () => {
    for (let seed = 0; seed < 150; seed++) {
      const { bus, ends } = busOf(3, seed)
      const random = new Random(seed)
      bus.faults = {
        dropped: random.below(3) * 20,
        doubled: random.below(3) * 40,
        delayMs: 1 + random.below(300),
        fifo: random.below(2) === 0,
      }
      for (let step = 0; step < 120; step++) {
        bus.advance(20)
        const end = ends[random.below(3)]
        for (const seen of end?.links ?? []) for (let count = random.below(4); count > 0; count--) writeNext(seen)
        const what = random.below(60)
        if (what === 0 && end) end.cutOff = !end.cutOff
        if (end && what === 1) end.asleep = true
        else if (what < 4 && end?.asleep) end.wake()
        if (what === 5 && end?.links[0]) end.reset(end.links[0])
        if (what === 6) end?.machine.busDown()
        if (what === 7) end?.machine.busUp(bus.now)
      }
      bus.faults = CALM
      for (const end of ends) {
        end.cutOff = false
        if (end.asleep) end.wake()
        end.machine.busUp(bus.now)
      }
      bus.advance(6_000)
      const pairs = ends.flatMap((end) => ends.filter((other) => other !== end).map((other) => [end, other] as const))
      for (const [end, other] of pairs) {
        const to = linkTo(other, end.node)
        const from = linkTo(end, other.node)
        writeNext(from)
        bus.advance(5)
        expect(to.read, `seed ${seed}: the link that stands`).toEqual(from.written)
        for (const { read } of other.seen.filter(({ link }) => link.peer === end.node)) {
          expect(read, `seed ${seed}: an earlier link`).toEqual(read.map((_, index) => index % 251))
        }
      }
    }
  })
})

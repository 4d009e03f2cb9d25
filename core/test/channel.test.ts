import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Channel } from '../src/channel.ts'
import type { ChannelOptions, Sent } from '../src/channel.ts'
import { WaitForGraph } from '../src/wait-for-graph.ts'
import type { Party } from '../src/wait-for-graph.ts'
import { sum, ticks } from './support.ts'

const OK = { state: 'ok' }
const CLOSED = { state: 'closed' }
const EMPTY = { state: 'empty' }

/** A channel whose values are what they weigh. */
function weighted(capacity: number, options: Partial<ChannelOptions<number>> = {}): Channel<number> {
  return new Channel({ capacity, weigh: (value) => value, ...options })
}

/** What a promise has come to so far. */
function watch<T>(promise: Promise<T>): { settled: T | undefined } {
  const seen: { settled: T | undefined } = { settled: undefined }
  void promise.then((value) => (seen.settled = value))
  return seen
}

describe('values that merge', () => {
  /** Up to a length of 3. */
  const texts = (capacity: number): Channel<string> =>
    new Channel({
      capacity,
      weigh: ({ length }) => length,
      merge: (last, next) => (last.length + next.length <= 3 ? last + next : undefined),
    })

  /** That come first, so that those behind them merge: with them, the 33rd is the first that may. */
  const many = Array.from({ length: 32 }, () => '---')

  test('with the last one, from the 33rd on, and weigh what they weighed', async () => {
    const channel = texts(200)
    for (const value of [...many, 'a', 'b', 'cd', 'e', 'fgh']) channel.trySend(value)
    expect(channel.weight).toBe(96 + 8)
    expect(await channel.receiveAll()).toEqual({ state: 'ok', values: [...many, 'ab', 'cde', 'fgh'] })
    for (const value of ['i', 'j']) channel.trySend(value)
    expect(channel.weight).toBe(96 + 10)
    const received = [channel.tryReceive(), channel.tryReceive(), channel.tryReceive()]
    expect(received).toEqual([{ state: 'ok', value: 'i' }, { state: 'ok', value: 'j' }, EMPTY])
    expect(channel.weight).toBe(0)
  })

  test('when they had to wait, too', async () => {
    const channel = texts(96)
    for (const value of many) channel.trySend(value)
    const waiting = ['a', 'b'].map((value) => channel.send(value))
    channel.tryReceive()
    channel.tryReceive()
    expect(await Promise.all(waiting)).toEqual([OK, OK])
    expect(await channel.receiveAll()).toEqual({ state: 'ok', values: [...many.slice(2), 'ab'] })
  })
})

describe('what small values take beside what they weigh', () => {
  const OWN_BYTES = 256

  test('counts from the 33rd on: into the room, to whoever accounts, and until the receiver comes back', async () => {
    let held = 0
    const channel = weighted(35 + 2 * OWN_BYTES, { account: (delta) => void (held += delta) })
    const states = Array.from({ length: 36 }, () => channel.trySend(1).state)
    expect(states).toEqual([...Array.from({ length: 34 }, () => 'ok'), 'full', 'full'])
    expect([held, channel.weight]).toEqual([34 + 2 * OWN_BYTES, 34 + 2 * OWN_BYTES])
    channel.tryReceive()
    expect(held).toBe(34 + 2 * OWN_BYTES)
    channel.tryReceive()
    expect(held).toBe(33 + OWN_BYTES)
    await channel.receiveAll()
    expect(held).toBe(32)
    void channel.receiveAll()
    expect([held, channel.weight]).toEqual([0, 0])
    for (let i = 0; i < 34; i++) channel.trySend(1)
    channel.cancel()
    expect(held).toBe(0)
  })

  test('does not, where values merge, and where nobody accounts for bytes', () => {
    const merging = weighted(1000, { account: () => {}, merge: (last, next) => last + next })
    const plain = weighted(1000)
    for (let i = 0; i < 100; i++) for (const channel of [merging, plain]) channel.trySend(1)
    expect([merging.weight, plain.weight]).toEqual([100, 100])
  })
})

describe('room', () => {
  test.each([0, -1, Number.NaN])('a capacity of %d is a RangeError that names it', (capacity) => {
    expect(() => new Channel({ capacity })).toThrow(RangeError)
    expect(() => new Channel({ capacity })).toThrow(`capacity is ${capacity}`)
  })

  test('values weigh 1 unless weighed: of a capacity of 3, three get in and the fourth comes back', () => {
    const channel = new Channel<string>({ capacity: 3 })
    expect(['a', 'b', 'c', 'd'].map((value) => channel.trySend(value))).toEqual([
      OK,
      OK,
      OK,
      { state: 'full', value: 'd' },
    ])
    expect(channel.weight).toBe(3)
  })

  test.each([
    [4, 'ok'],
    [5, 'ok'],
    [6, 'full'],
  ])('beside 5 of 10, a value of %d is %s', (weight, state) => {
    const channel = weighted(10)
    channel.trySend(5)
    expect(channel.trySend(weight).state).toBe(state)
  })

  test('a value heavier than the capacity goes in when it is alone, and nothing beside it', () => {
    const channel = weighted(10)
    channel.trySend(1)
    expect(channel.trySend(11).state).toBe('full')
    channel.tryReceive()
    expect(channel.tryReceive()).toEqual(EMPTY)
    expect(channel.trySend(11)).toEqual(OK)
    expect(channel.weight).toBe(11)
    expect(channel.trySend(0).state).toBe('full')
  })

  test('what was taken counts until the receiver comes back for more', () => {
    const channel = weighted(10)
    channel.trySend(6)
    channel.trySend(4)
    expect(channel.tryReceive()).toEqual({ state: 'ok', value: 6 })
    expect(channel.weight).toBe(10)
    expect(channel.trySend(1).state).toBe('full')
    expect(channel.tryReceive()).toEqual({ state: 'ok', value: 4 })
    expect(channel.weight).toBe(4)
    expect(channel.trySend(7).state).toBe('full')
    expect(channel.trySend(6)).toEqual(OK)
  })

  test('what was taken all at once counts until the receiver comes back for more', async () => {
    const channel = weighted(10)
    channel.trySend(6)
    channel.trySend(4)
    expect(await channel.receiveAll()).toEqual({ state: 'ok', values: [6, 4] })
    expect(channel.weight).toBe(10)
    expect(channel.trySend(1).state).toBe('full')
    expect(channel.tryReceive()).toEqual(EMPTY)
    expect(channel.weight).toBe(0)
  })

  test('a receiver that comes back makes room for all who fit now, in order', async () => {
    const channel = weighted(10)
    channel.trySend(10)
    const senders = [3, 4, 4, 1].map((value) => watch(channel.send(value)))
    channel.tryReceive()
    await ticks()
    expect(senders.map(({ settled }) => settled)).toEqual([undefined, undefined, undefined, undefined])
    expect(channel.tryReceive()).toEqual({ state: 'ok', value: 3 })
    await ticks()
    // The second 4 does not fit beside 3 and 4, and the 1 that would fit stands behind it.
    expect(senders.map(({ settled }) => settled)).toEqual([OK, OK, undefined, undefined])
    expect(channel.weight).toBe(7)
  })

  test('who sends without waiting does not pass by those who wait', async () => {
    const channel = weighted(10)
    channel.trySend(8)
    const heavy = watch(channel.send(5))
    expect(channel.trySend(1)).toEqual({ state: 'full', value: 1 })
    const light = watch(channel.send(1))
    await ticks()
    expect([heavy.settled, light.settled]).toEqual([undefined, undefined])
    channel.tryReceive()
    expect([channel.tryReceive(), channel.tryReceive()]).toEqual([
      { state: 'ok', value: 5 },
      { state: 'ok', value: 1 },
    ])
  })
})

describe('receiving', () => {
  test('waits for a value, and takes the first of several', async () => {
    const channel = new Channel<string>({ capacity: 3 })
    const first = watch(channel.receive())
    await ticks()
    expect(first.settled).toBe(undefined)
    channel.trySend('a')
    channel.trySend('b')
    await ticks()
    expect(first.settled).toEqual({ state: 'ok', value: 'a' })
    expect(await channel.receive()).toEqual({ state: 'ok', value: 'b' })
  })

  test('of all there is waits for a value, and leaves nothing', async () => {
    const channel = new Channel<string>({ capacity: 3 })
    const all = watch(channel.receiveAll())
    await ticks()
    expect(all.settled).toBe(undefined)
    channel.trySend('a')
    channel.trySend('b')
    await ticks()
    expect(all.settled).toEqual({ state: 'ok', values: ['a', 'b'] })
    expect(channel.tryReceive()).toEqual(EMPTY)
  })

  test('a second receiver is refused, and the first still gets its value', async () => {
    const channel = new Channel<string>({ capacity: 3 })
    const first = watch(channel.receive())
    await expect(channel.receive()).rejects.toThrow('one receiver at a time')
    await expect(channel.receiveAll()).rejects.toThrow('one receiver at a time')
    channel.trySend('a')
    await ticks()
    expect(first.settled).toEqual({ state: 'ok', value: 'a' })
  })
})

describe('ending', () => {
  test('by the senders: what is in can still be received, what waits comes back, nothing more goes in', async () => {
    const channel = new Channel<string>({ capacity: 2 })
    channel.trySend('a')
    channel.trySend('b')
    const waiting = [channel.send('c'), channel.send('d')]
    channel.close()
    channel.close()
    expect(channel.closed).toBe(true)
    expect(await Promise.all(waiting)).toEqual([
      { state: 'closed', value: 'c' },
      { state: 'closed', value: 'd' },
    ])
    expect(channel.trySend('e')).toEqual({ state: 'closed', value: 'e' })
    expect(await channel.send('f')).toEqual({ state: 'closed', value: 'f' })
    expect(await channel.receive()).toEqual({ state: 'ok', value: 'a' })
    expect(await channel.receiveAll()).toEqual({ state: 'ok', values: ['b'] })
    expect(await channel.receive()).toEqual(CLOSED)
    expect(await channel.receiveAll()).toEqual(CLOSED)
    expect(channel.tryReceive()).toEqual(CLOSED)
    expect(channel.weight).toBe(0)
  })

  test.each(['receive', 'receiveAll'] as const)('wakes who waits in %s', async (method) => {
    const channel = new Channel<string>({ capacity: 2 })
    const receiver = watch<unknown>(channel[method]())
    channel.close()
    await ticks()
    expect(receiver.settled).toEqual(CLOSED)
  })

  test('by the receiver: what is in comes out, what waits comes back, and all room is given back', async () => {
    const channel = weighted(10)
    channel.trySend(2)
    channel.trySend(3)
    channel.trySend(4)
    channel.tryReceive()
    const waiting = channel.send(5)
    expect(channel.cancel()).toEqual([3, 4])
    expect(channel.cancel()).toEqual([])
    expect(channel.weight).toBe(0)
    expect(await waiting).toEqual({ state: 'closed', value: 5 })
    expect(channel.trySend(1)).toEqual({ state: 'closed', value: 1 })
    expect(channel.tryReceive()).toEqual(CLOSED)
  })

  test('by the receiver while it waits: it is told, and takes nothing', async () => {
    const channel = new Channel<string>({ capacity: 2 })
    const receiver = watch(channel.receive())
    channel.trySend('a')
    expect(channel.cancel()).toEqual(['a'])
    await ticks()
    expect(receiver.settled).toEqual(CLOSED)
  })
})

describe('the wait-for graph', () => {
  const receiver: Party = { kind: 'task', name: 'the dispatcher' }
  const who: Party = { kind: 'client', id: 7 }

  function visible(): { channel: Channel<string>; waits: WaitForGraph } {
    const waits = new WaitForGraph(() => 0)
    return { channel: new Channel({ capacity: 1, visible: { waits, name: 'events', receiver } }), waits }
  }

  test('shows who waits for room, for as long as it waits', async () => {
    const { channel, waits } = visible()
    const first = channel.send('a', who)
    expect(waits.edges()).toEqual([])
    const second = channel.send('b', who)
    expect(waits.render()).toBe('client 7 waits for room in channel "events", emptied by the dispatcher')
    channel.tryReceive()
    channel.tryReceive()
    expect(await Promise.all([first, second])).toEqual([OK, OK])
    expect(waits.edges()).toEqual([])
  })

  test.each(['close', 'cancel'] as const)('forgets who waited when %s ends the wait', async (end) => {
    const { channel, waits } = visible()
    channel.trySend('a')
    const waiting = channel.send('b', who)
    channel[end]()
    await waiting
    expect(waits.edges()).toEqual([])
  })

  test('does not show who gave no name', () => {
    const { channel, waits } = visible()
    channel.trySend('a')
    void channel.send('b')
    expect(waits.edges()).toEqual([])
  })
})

/** What happens in one random world: who sends what, in which way the receiver takes, and how it ends. */
const anyWorld = fc.record({
  capacity: fc.integer({ min: 1, max: 6 }),
  senders: fc.array(fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 6 }), { minLength: 1, maxLength: 5 }),
  takes: fc.array(fc.constantFrom('receive' as const, 'tryReceive' as const, 'receiveAll' as const), { minLength: 1 }),
  end: fc.oneof(
    fc.record({ by: fc.constant('senders' as const), after: fc.nat(40) }),
    fc.record({ by: fc.constant('receiver' as const), after: fc.nat(12) }),
    fc.constant({ by: 'nobody' as const }),
  ),
})

interface Parcel {
  readonly number: number
  readonly weight: number
}

test('on any schedule: nothing is lost, doubled or overtaken, and no more is in than fits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), anyWorld, async (scheduler, world) => {
      const { capacity, senders, takes, end } = world
      const waits = new WaitForGraph(() => 0)
      const deltas: number[] = []
      const channel = new Channel<Parcel>({
        capacity,
        weigh: ({ weight }) => weight,
        account: (delta) => {
          const before = sum(deltas)
          deltas.push(delta)
          expect(sum(deltas), 'account and weight').toBe(channel.weight)
          // A single value that is alone may be heavier than everything that fits.
          if (delta > 0 && before > 0) expect(before + delta, 'weight').toBeLessThanOrEqual(capacity)
        },
        visible: { waits, name: 'parcels', receiver: { kind: 'task', name: 'the receiver' } },
      })
      const offered: Parcel[] = []
      const admitted = new Set<Parcel>()
      const refused = new Set<Parcel>()
      const received: Parcel[] = []
      const cancelled: Parcel[] = []
      const hop = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)

      async function send(values: readonly number[], index: number): Promise<void> {
        for (const weight of values) {
          await hop(`sender ${index}`)
          const parcel: Parcel = { number: offered.length, weight }
          offered.push(parcel)
          const sent: Sent<Parcel> = await channel.send(parcel, { kind: 'client', id: index })
          if (sent.state === 'ok') {
            admitted.add(parcel)
          } else {
            expect(sent.value, 'what comes back').toBe(parcel)
            refused.add(parcel)
          }
        }
      }

      async function receive(): Promise<void> {
        for (let count = 0; ; count++) {
          await hop('receiver')
          if (end.by === 'receiver' && count === end.after) {
            cancelled.push(...channel.cancel())
            return
          }
          const how = takes[count % takes.length]
          if (how === 'receiveAll') {
            const taken = await channel.receiveAll()
            if (taken.state === 'closed') return
            expect(taken.values.length).toBeGreaterThan(0)
            received.push(...taken.values)
          } else {
            const tried = how === 'tryReceive' ? channel.tryReceive() : undefined
            // An empty channel is waited for, or the receiver would spin.
            const taken = !tried || tried.state === 'empty' ? await channel.receive() : tried
            if (taken.state === 'closed') return
            received.push(taken.value)
          }
        }
      }

      async function closeEarly(): Promise<void> {
        if (end.by !== 'senders') return
        for (let count = 0; count < end.after; count++) await hop('closer')
        channel.close()
      }

      let finished = false
      const everything = Promise.all([
        Promise.all(senders.map(send)).then(() => channel.close()),
        receive(),
        closeEarly(),
      ]).then(() => (finished = true))
      await scheduler.waitIdle()
      expect(finished, 'somebody waits for ever').toBe(true)
      await everything

      const kept = offered.filter((parcel) => !refused.has(parcel))
      // One order for all: that in which they were offered. So each sender's is kept too.
      expect([...received, ...cancelled]).toEqual(kept)
      expect(new Set([...received, ...cancelled])).toEqual(admitted)
      expect(admitted.size + refused.size).toBe(sum(senders.map((values) => values.length)))
      if (end.by === 'nobody') expect(refused.size).toBe(0)
      expect(sum(deltas)).toBe(0)
      expect(channel.weight).toBe(0)
      expect(waits.edges()).toEqual([])
    }),
    { numRuns: 300 },
  )
})

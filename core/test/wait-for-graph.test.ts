import { describe, expect, test } from 'vitest'
import { WaitForGraph } from '../src/wait-for-graph.ts'
import type { Party, Resource } from '../src/wait-for-graph.ts'

const client = (id: number): Party => ({ kind: 'client', id })
const task = (name: string): Party => ({ kind: 'task', name })
const lock = (name: string, holder?: Party): Resource => ({ kind: 'lock', name, holder: () => holder })
const channel = (name: string, receiver: Party): Resource => ({ kind: 'channel', name, receiver })
const reading = (id: number): Resource => ({ kind: 'reading', client: id })
const room = (id: number): Resource => ({ kind: 'room', client: id })
const memory: Resource = { kind: 'memory' }
const input: Resource = { kind: 'input', client: 2 }

function graphOf(...waits: readonly (readonly [Party, Resource])[]): WaitForGraph {
  const graph = new WaitForGraph(() => 0)
  for (const [who, what] of waits) graph.begin(who, what)
  return graph
}

describe('edges', () => {
  test('are what waits right now, oldest first, with the time since when', () => {
    let now = 5
    const graph = new WaitForGraph(() => now)
    const first = graph.begin(client(1), memory)
    now = 8
    graph.begin(client(2), reading(3))
    expect(graph.edges()).toEqual([
      { who: client(1), what: memory, since: 5 },
      { who: client(2), what: reading(3), since: 8 },
    ])
    first[Symbol.dispose]()
    expect(graph.edges()).toEqual([{ who: client(2), what: reading(3), since: 8 }])
  })

  test('a wait ends once, however often it is disposed of, and takes no other with it', () => {
    const graph = new WaitForGraph(() => 0)
    const who = client(1)
    const one = graph.begin(who, memory)
    const other = graph.begin(who, memory)
    one[Symbol.dispose]()
    expect(graph.edges().length).toBe(1)
    graph.begin(who, memory)
    one[Symbol.dispose]()
    expect(graph.edges().length).toBe(2)
    other[Symbol.dispose]()
    expect(graph.edges().length).toBe(1)
  })

  test('one answer is not another: it does not change with the graph', () => {
    const graph = graphOf([client(1), memory])
    const before = graph.edges()
    graph.begin(client(2), memory)
    expect(before.length).toBe(1)
  })
})

describe('in words', () => {
  test('nothing waits', () => {
    expect(new WaitForGraph(() => 0).render()).toBe('nobody waits')
  })

  test('a chain reads as DESIGN has it', () => {
    const graph = graphOf([client(7), lock('sockets', client(3))], [client(3), reading(9)])
    expect(graph.render()).toBe('client 7 waits for lock "sockets", held by client 3, which waits for client 9 to read')
  })

  test.each([
    [lock('sockets'), 'client 1 waits for lock "sockets"'],
    [lock('sockets', client(2)), 'client 1 waits for lock "sockets", held by client 2'],
    [
      channel('events', task('the dispatcher')),
      'client 1 waits for room in channel "events", emptied by the dispatcher',
    ],
    [room(2), 'client 1 waits for room in what is queued for client 2, which does not read fast enough'],
    [reading(2), 'client 1 waits for client 2 to read'],
    [input, 'client 1 waits for client 2 to send'],
    [memory, 'client 1 waits for the bytes held by the server to fall below heldBytesMax'],
  ])('each resource has its own: %#', (what, line) => {
    expect(graphOf([client(1), what]).render()).toBe(line)
  })

  test('a task of a client is told apart from the client and from others of its kind', () => {
    const writer = (of: number): Party => ({ kind: 'task', name: 'the writer', of })
    const graph = graphOf(
      [task('the dispatcher'), channel('mailbox of client 2', writer(2))],
      [writer(2), reading(2)],
      [writer(3), reading(3)],
    )
    expect(graph.render()).toBe(
      'the dispatcher waits for room in channel "mailbox of client 2", emptied by the writer of client 2, which waits for client 2 to read\n' +
        'the writer of client 3 waits for client 3 to read',
    )
  })

  test('a holder is asked for when it is told, not when the wait began', () => {
    let holder = client(3)
    const graph = graphOf([client(7), { kind: 'lock', name: 'sockets', holder: () => holder }])
    holder = client(4)
    expect(graph.render()).toBe('client 7 waits for lock "sockets", held by client 4')
  })

  test('one line for each that nobody waits for, and for each of its waits; none for who is in another’s line', () => {
    const graph = graphOf(
      [client(1), lock('sockets', client(3))],
      [client(3), reading(8)],
      [client(2), lock('sockets', client(3))],
      [client(4), reading(8)],
      [client(4), reading(9)],
    )
    expect(graph.render().split('\n')).toEqual([
      'client 1 waits for lock "sockets", held by client 3, which waits for client 8 to read',
      'client 2 waits for lock "sockets", held by client 3, which waits for client 8 to read',
      'client 4 waits for client 8 to read',
      'client 4 waits for client 9 to read',
    ])
  })

  test.each([19, 20, 21, 5000])('of %d chains at most 20 are written out, and the others are counted', (count) => {
    const graph = graphOf(...Array.from({ length: count }, (_, id) => [client(id), reading(id)] as const))
    const lines = graph.render().split('\n')
    expect(lines.length).toBe(Math.min(count, count > 20 ? 21 : 20))
    if (count > 20) expect(lines.at(-1)).toBe(`and ${count - 20} more`)
    expect(lines[0]).toBe('client 0 waits for client 0 to read')
  })
})

describe('deadlocks', () => {
  const one = [client(1), lock('a', client(2))] as const
  const two = [client(2), lock('b', client(1))] as const

  test('are rings of waits, found once each', () => {
    const graph = graphOf(one, two, [client(5), lock('c', client(5))])
    expect(graph.cycles().map((cycle) => cycle.map(({ who }) => who))).toEqual([[client(1), client(2)], [client(5)]])
  })

  test.each([
    ['who waits for nobody who waits', [client(1), lock('a', client(2))]],
    ['who waits for a client to read, even itself', [client(1), reading(1)]],
    ['who waits for room of its own', [client(1), room(1)]],
    ['a lock that nobody holds', [client(1), lock('a')]],
  ] as const)('are not: %s', (_, wait) => {
    expect(graphOf(wait).cycles()).toEqual([])
  })

  test('a chain of many, and two that wait for the same, are none', () => {
    const ids = Array.from({ length: 50 }, (_, id) => id)
    const graph = graphOf(...ids.map((id) => [client(id), lock('a', client(id + 1))] as const), [
      client(99),
      lock('a', client(1)),
    ])
    expect(graph.cycles()).toEqual([])
  })

  test('are found behind a chain, and through the second wait of a party', () => {
    const graph = graphOf(
      [client(9), lock('x', client(1))],
      [client(1), reading(7)],
      [client(1), lock('a', client(2))],
      two,
    )
    expect(graph.cycles().map((cycle) => cycle.map(({ who }) => who))).toEqual([[client(1), client(2)]])
  })

  test('come first, by name; who waits for one of a ring stands below', () => {
    const graph = graphOf([client(9), lock('b', client(1))], one, two)
    expect(graph.render().split('\n')).toEqual([
      'deadlock: client 1 waits for lock "a", held by client 2, which waits for lock "b", held by client 1',
      'client 9 waits for lock "b", held by client 1, which waits for lock "a", held by client 2, which waits for lock "b", held by client 1',
    ])
  })

  test('of whoever waits for something with a name, and for whoever has it', () => {
    const mailbox = (name: string): Resource => ({
      kind: 'named',
      name: `mailbox of ${name}`,
      holder: () => task(name),
    })
    expect(graphOf([task('a'), mailbox('b')], [task('b'), mailbox('a')]).render()).toBe(
      'deadlock: a waits for mailbox of b, which waits for mailbox of a',
    )
    expect(graphOf([task('a'), { kind: 'named', name: 'a message' }]).render()).toBe('a waits for a message')
  })

  test('of somebody who waits for itself', () => {
    expect(graphOf([client(1), lock('a', client(1))]).render()).toBe(
      'deadlock: client 1 waits for lock "a", held by client 1',
    )
  })

  test('are not: steps of one party, of which one holds what the others wait for, and waits for somebody else', () => {
    const due = task('what is due')
    const sockets = lock('sockets', due)
    const steps = [
      [due, sockets],
      [due, sockets],
      [due, reading(9)],
    ] as const
    expect(graphOf(...steps).cycles()).toEqual([])
    expect(
      graphOf(...steps)
        .render()
        .split('\n'),
    ).toEqual([
      'what is due waits for lock "sockets", held by what is due',
      'what is due waits for lock "sockets", held by what is due',
      'what is due waits for client 9 to read',
    ])
    expect(graphOf([client(1), sockets], ...steps).render()).toBe(
      'client 1 waits for lock "sockets", held by what is due, which waits for client 9 to read',
    )
    expect(graphOf([due, sockets], [due, sockets]).cycles()).not.toEqual([])
  })
})

describe('the chain of one party', () => {
  test('goes from its own wait to what nobody in the server holds', () => {
    const graph = graphOf([client(7), lock('sockets', client(3))], [client(3), reading(9)], [client(4), memory])
    expect(graph.chainOf(client(7)).map(({ who }) => who)).toEqual([client(7), client(3)])
    expect(graph.chainOf(client(5))).toEqual([])
  })

  test('goes round a ring once', () => {
    const graph = graphOf([client(1), lock('a', client(2))], [client(2), lock('b', client(1))])
    expect(graph.chainOf(client(1)).map(({ who }) => who)).toEqual([client(1), client(2)])
  })
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Stage } from './support.ts'

/** One event: which of the clients, and what it does. Few names and rooms, so that they are fought for. */
type Event = readonly [who: number, what: Action]
type Action =
  | { readonly kind: 'connect' | 'disconnect' | 'stall' | 'resume' }
  | { readonly kind: 'line'; readonly line: string }

const word = fc.constantFrom('ann', 'bob', '__proto__', 'main', 'den', 'x')
const anyLine = fc.oneof(
  fc
    .tuple(fc.constantFrom('/name', '/join', '/msg', '/me'), word, fc.constantFrom('', ' hi'))
    .map((parts) => parts.join(' ')),
  fc.constantFrom('/quit', '/users', '/rooms', '/help', '/what', 'hi', ''),
)
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: anyLine.map((line): Action => ({ kind: 'line', line })) },
  { weight: 3, arbitrary: fc.constant<Action>({ kind: 'connect' }) },
  { weight: 2, arbitrary: fc.constantFrom<Action>({ kind: 'disconnect' }, { kind: 'stall' }, { kind: 'resume' }) },
)
const anyEvents: fc.Arbitrary<Event[]> = fc.array(fc.tuple(fc.nat(5), anyAction), { maxLength: 80, size: 'max' })

/** What a client knows of itself, from the lines that it was sent. */
class Observer {
  name = ''
  room = ''
  /** What was said in each room while it was there, since it last joined it: unbroken unless it lagged. */
  readonly said: { readonly room: string; readonly lines: string[] }[] = []

  hear(line: string): void {
    const [, joined] = /^You joined (\S+)$/.exec(line) ?? []
    const [, renamed] = new RegExp(`^${this.name} is now (\\S+)$`).exec(line) ?? []
    this.name = /^You are (?!in )(\S+)$/.exec(line)?.[1] ?? renamed ?? this.name
    if (joined !== undefined) {
      this.room = joined
      this.said.push({ room: joined, lines: [] })
    } else if (/^\S+: |^\* /.test(line)) this.said.at(-1)?.lines.push(line)
  }
}

/** Runs the events. Clients that are not stalled read at once. */
function run(events: readonly Event[], stage: Stage): Map<number, Observer> {
  const here = new Map<number, { id: number; observer: Observer }>()
  for (const [who, action] of events) {
    const client = here.get(who)
    if (!client) {
      if (action.kind === 'connect') here.set(who, { id: stage.connect(), observer: new Observer() })
    } else {
      act(client.id, action, stage)
      if (stage.closed(client.id) !== undefined) {
        if (action.kind === 'line') stage.disconnect(client.id)
        here.delete(who)
      }
    }
    for (const { id, observer } of here.values()) for (const line of stage.heard(id)) observer.hear(line)
  }
  for (const { id, observer } of here.values()) {
    stage.readsAgain(id)
    for (const line of stage.heard(id)) observer.hear(line)
  }
  return new Map(Array.from(here.values(), ({ id, observer }) => [id, observer]))
}

function act(id: number, action: Action, stage: Stage): void {
  switch (action.kind) {
    case 'connect':
      return
    case 'disconnect':
      return stage.disconnect(id)
    case 'stall':
      return stage.stall(id)
    case 'resume':
      return stage.readsAgain(id)
    case 'line':
      return stage.say(id, action.line)
  }
}

function ask(stage: Stage, id: number, line: string): string[] {
  stage.say(id, line)
  const [answer = ''] = stage.heard(id)
  return answer.replace(/^\w+ - /, '').split(', ')
}

test('members, names and rooms agree, whatever happens', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const stage = new Stage({ historyLines: 3 }, { offerBytesMax: 1_000_000 })
      const clients = run(events, stage)
      const names = Array.from(clients.values(), ({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      const rooms = new Map<string, [id: number, observer: Observer][]>()
      for (const entry of clients) rooms.set(entry[1].room, [...(rooms.get(entry[1].room) ?? []), entry])
      for (const [room, members] of rooms) {
        for (const [id] of members) {
          expect(ask(stage, id, '/users'), room).toEqual(members.map(([, { name }]) => name).sort())
          const counts = [...rooms].map(([name, { length }]) => `${name} (${length})`)
          expect(ask(stage, id, '/rooms').toSorted()).toEqual(counts.toSorted())
        }
      }
      // Exactly these names are taken: each of them is refused, and any other one is free.
      const [first] = clients.keys()
      if (first === undefined) return
      for (const name of ['ann', 'bob', '__proto__', 'main', 'den', ...names]) {
        const [answer] = ask(stage, first, `/msg ${name} hi`)
        expect(answer === `${name} is not connected`, name).toBe(!names.includes(name))
      }
    }),
    { numRuns: 300 },
  )
})

test('all members of a room hear its lines in one order', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      let next = 0
      const numbered = events.map(([who, action]): Event => {
        return [who, action.kind === 'line' && action.line === 'hi' ? { kind: 'line', line: `hi ${next++}` } : action]
      })
      const clients = run(numbered, new Stage({}, { offerBytesMax: 1_000_000 }))
      const numbers = Array.from(clients.values(), ({ said }) =>
        said.flatMap(({ lines }) => lines.flatMap((line) => /: hi (\d+)$/.exec(line)?.slice(1).map(Number) ?? [])),
      )
      for (const heard of numbers) expect(heard).toEqual(heard.toSorted((left, right) => left - right))
    }),
    { numRuns: 300 },
  )
})

test('what a member misses is counted, and nothing else is missing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('say', 'stall', 'resume', 'ask'), { maxLength: 100 }), (events) => {
      const stage = new Stage({}, { offerBytesMax: 200 })
      const [ann, bob] = [stage.join('ann'), stage.join('bob')]
      let offered = 0
      for (const event of events) {
        if (event === 'stall') stage.stall(bob)
        else if (event === 'resume') stage.readsAgain(bob)
        else if (event === 'ask') stage.say(bob, `/msg nobody${offered++} hi`)
        else stage.say(ann, `n ${offered++}`)
      }
      stage.readsAgain(bob)
      let expected = 0
      for (const line of stage.heard(bob)) {
        const [, missed] = /dropped (\d+) messages/.exec(line) ?? []
        const [, number] = /(?:n |nobody)(\d+)/.exec(line) ?? []
        if (missed !== undefined) expected += Number(missed)
        else expect(Number(number), line).toBe(expected++)
      }
      expect(expected).toBe(offered)
    }),
    { numRuns: 500 },
  )
})

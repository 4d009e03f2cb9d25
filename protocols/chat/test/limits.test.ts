import { describe, expect, test, vi } from 'vitest'
import { Chat, DEFAULT_OPTIONS } from '../src/index.ts'
import { bytesOf, clause, Stage } from './support.ts'

/** Says lines of 10 bytes until one no longer fits for a client with room for 100. */
const LINE = 'a'.repeat(5)
const ROOM = { offerBytesMax: 100 }

function notice(missed: number): string {
  return `Server is very busy and dropped ${missed} messages, sorry!`
}

describe('C5 Lagging', () => {
  clause('C5.2', 'exactly where they are missing', 'the notice, then what is said next', () => {
    const stage = new Stage({}, ROOM)
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.stall(bob)
    for (let count = 0; count < 17; count++) stage.say(ann, `${LINE}${count % 10}`)
    stage.readsAgain(bob)
    stage.say(ann, 'after')
    const lines = Array.from({ length: 17 }, (_, count) => `ann: ${LINE}${count % 10}`)
    expect(stage.heard(ann)).toEqual([...lines, 'ann: after'])
    expect(stage.heard(bob)).toEqual([...lines.slice(0, 8), notice(9), 'ann: after'])
  })

  clause('C5.2', 'before the next line', 'an answer of its own is such a line', () => {
    const stage = new Stage({}, ROOM)
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.stall(bob)
    for (let count = 0; count < 10; count++) stage.say(ann, LINE)
    stage.say(bob, '/users', '/users')
    stage.read(bob)
    stage.say(ann, 'missed too')
    stage.say(bob, '/users', '/users')
    stage.say(ann, 'heard')
    const lines = Array.from({ length: 9 }, () => `ann: ${LINE}`)
    expect(stage.heard(bob)).toEqual([...lines, notice(4), 'Users - ann, bob', 'Users - ann, bob', 'ann: heard'])
  })

  clause(
    'C5.2',
    'how many it missed',
    'once: a queue that drains after an answer has told it brings no second notice',
    () => {
      const stage = new Stage({}, ROOM)
      const [ann, bob] = [stage.join('ann'), stage.join('bob')]
      stage.stall(bob)
      for (let count = 0; count < 10; count++) stage.say(ann, LINE)
      stage.read(bob)
      stage.say(bob, '/users')
      stage.chat.drained(bob, stage)
      expect(stage.heard(bob).slice(-2)).toEqual([notice(1), 'Users - ann, bob'])
    },
  )

  clause('C5.2', 'a member is told', 'and nobody who has quit', () => {
    const stage = new Stage({}, { offerBytesMax: 20 })
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.stall(bob)
    stage.say(ann, 'a line that bob misses')
    stage.say(bob, '/quit')
    stage.chat.drained(bob, stage)
    expect(stage.closed(bob)).toBe('quit')
  })

  clause('C5.4', 'is still heard', 'by everybody but itself', () => {
    const stage = new Stage({}, ROOM)
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.stall(bob)
    for (let count = 0; count < 100; count++) stage.say(bob, LINE)
    expect(stage.heard(ann)).toEqual(Array.from({ length: 100 }, () => `bob: ${LINE}`))
  })

  clause('C5.3', 'the sender of a whisper is told', 'that it was missed', () => {
    const stage = new Stage({}, ROOM)
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.stall(bob)
    stage.say(ann, `/msg bob ${'a'.repeat(90)}`, '/msg bob short')
    expect(stage.heard(ann)).toEqual([
      'bob is lagging and missed your whisper',
      'bob is lagging and missed your whisper',
    ])
    stage.readsAgain(bob)
    expect(stage.heard(bob)).toEqual([notice(2)])
  })
})

describe('C6 Limits: floods', () => {
  const limits = { floodLinesMax: 4, floodLinesPerSecond: 2 }
  const flooding = 'You are too fast: your lines are dropped until you pause'

  clause('C6.1', 'told once', 'at the first line that is dropped; then how many were', () => {
    const stage = new Stage(limits)
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.pass(10_000)
    stage.say(ann, ...Array.from({ length: 9 }, (_, count) => `line ${count}`))
    const said = [0, 1, 2, 3].map((count) => `ann: line ${count}`)
    expect(stage.heard(bob)).toEqual(said)
    expect(stage.heard(ann)).toEqual([...said, flooding])
    stage.pass(999) // Less than half of the bucket: not yet.
    stage.say(ann, 'early')
    stage.pass(1)
    stage.say(ann, 'late')
    stage.say(ann, 'later')
    expect(stage.heard(ann)).toEqual(['6 of your lines were dropped', 'ann: late', 'ann: later'])
    expect(stage.heard(bob)).toEqual(['ann: late', 'ann: later'])
  })

  clause('C6.1', 'does not make it worse', 'a flooder is told about once for each half bucket', () => {
    const stage = new Stage(limits)
    const ann = stage.join('ann')
    stage.pass(10_000)
    for (let at = 0; at < 10_000; at += 10) {
      stage.say(ann, 'x')
      stage.pass(10)
    }
    const heard = stage.heard(ann)
    expect(heard.filter((line) => line === flooding).length).toBeLessThanOrEqual(11)
    expect(heard.filter((line) => line === 'ann: x').length).toBeLessThanOrEqual(4 + 2 * 10)
    expect(heard.filter((line) => line === 'ann: x').length).toBeGreaterThanOrEqual(2 * 9)
  })

  clause('C6.1', '/quit is never dropped', 'and lines that are too long count', () => {
    const stage = new Stage(limits)
    const ann = stage.join('ann')
    stage.pass(10_000)
    stage.say(ann, ...Array.from({ length: 6 }, () => 'a'.repeat(401)), '/quit')
    const tooLong = Array.from({ length: 4 }, () => 'Messages can only be 400 chars long')
    expect(stage.heard(ann)).toEqual([...tooLong, flooding])
    expect(stage.closed(ann)).toBe('quit')
  })
})

describe('C6 Limits: what a flood costs', () => {
  clause('C6.1', 'Lines beyond are dropped', 'before anything is read in them but whether they say /quit', () => {
    const stage = new Stage({ floodLinesMax: 4, floodLinesPerSecond: 2 })
    const ann = stage.join('ann')
    stage.pass(10_000)
    const decode = vi.spyOn(TextDecoder.prototype, 'decode')
    try {
      for (const line of ['/name ben', '/me waves', '/quitter', '/x'])
        stage.receive(ann, bytesOf(`${line}\n`.repeat(1000)))
      expect(decode.mock.results.filter(({ value }) => String(value).startsWith('/'))).toHaveLength(4)
    } finally {
      decode.mockRestore()
    }
    stage.say(ann, '/quit now')
    expect(stage.closed(ann)).toBe('quit')
  })
})

describe('C6 Limits: idling', () => {
  const bye = 'You have sent nothing for 60 seconds, bye!'

  clause('C6.2', 'has sent nothing', 'closed then and not before, each by its own time', () => {
    const stage = new Stage({ idleMs: 60_000 })
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.pass(30_000)
    stage.receive(ann, bytesOf('x'))
    stage.pass(29_999)
    expect(stage.closed(bob)).toBe(undefined)
    stage.pass(1)
    expect(stage.closed(bob)).toBe('idle')
    expect(stage.heard(bob)).toEqual([bye])
    stage.pass(29_999)
    expect(stage.closed(ann)).toBe(undefined)
    stage.pass(1)
    expect(stage.closed(ann)).toBe('idle')
    expect(stage.heard(ann)).toEqual(['bob left', bye])
  })

  clause('C6.2', 'has sent nothing', 'not even once', () => {
    const stage = new Stage({ idleMs: 60_000 })
    const silent = stage.connect()
    stage.pass(60_000)
    expect(stage.closed(silent)).toBe('idle')
  })

  clause('C6.2', '0 is never', 'and a server that was empty closes idlers too', () => {
    const never = new Stage({ idleMs: 0 })
    const ann = never.join('ann')
    never.pass(2 ** 31)
    expect(never.closed(ann)).toBe(undefined)
    const stage = new Stage({ idleMs: 60_000 })
    stage.disconnect(stage.join('ann'))
    stage.pass(100_000)
    const bob = stage.join('bob')
    stage.pass(60_000)
    expect(stage.closed(bob)).toBe('idle')
  })
})

clause('C6.3', 'Server is shutting down, bye!', 'to everybody in one step, and no word of who leaves after it', () => {
  const stage = new Stage()
  const [ann, bob] = [stage.join('ann'), stage.join('bob')]
  stage.chat.stopping(stage)
  stage.disconnect(ann)
  stage.disconnect(bob)
  expect(stage.heard(ann)).toEqual(['Server is shutting down, bye!'])
  expect(stage.heard(bob)).toEqual(['Server is shutting down, bye!'])
})

test.each([
  ['historyLines', -1],
  ['historyLines', 1001],
  ['floodLinesMax', 0],
  ['floodLinesPerSecond', 1.5],
  ['idleMs', Number.NaN],
] as const)('%s is no %d', (option, value) => {
  const create = (): Chat => new Chat({ ...DEFAULT_OPTIONS, seed: 1, [option]: value })
  expect(create).toThrow(RangeError)
  expect(create).toThrow(`${option} is ${value}`)
})

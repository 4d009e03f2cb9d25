import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hear, ServerLines } from '../src/index.ts'
import type { Heard } from '../src/index.ts'
import { anyCut, bytesOf, clause, cut, HELP, Stage } from './support.ts'

/** Each line of the server's, and what it says. */
const LINES: readonly (readonly [line: string, heard: Heard])[] = [
  ['ann: hi: there', { kind: 'said', name: 'ann', text: 'hi: there' }],
  ['ann: ', { kind: 'said', name: 'ann', text: '' }],
  ['* ann waves', { kind: 'did', name: 'ann', text: 'waves' }],
  ['ann whispers: hi', { kind: 'whispered', name: 'ann', text: 'hi' }],
  ['You whisper to ann: hi', { kind: 'whispering', name: 'ann', text: 'hi' }],
  ['You joined', { kind: 'joined', name: 'You' }],
  ['You left', { kind: 'left', name: 'You' }],
  ['ann is now bob', { kind: 'renamed', name: 'ann', to: 'bob' }],
  ['You are ann', { kind: 'named', name: 'ann' }],
  ['You joined den', { kind: 'entered', room: 'den' }],
  ['Earlier - ann: hi', { kind: 'earlier', line: { kind: 'said', name: 'ann', text: 'hi' } }],
  ['Rooms - den (3), main (1)', { kind: 'rooms', rooms: [{ name: 'den', count: 3 }, { name: 'main', count: 1 }] }], // prettier-ignore
  ['Users - ann, bob', { kind: 'users', names: ['ann', 'bob'] }],
  ['Server is very busy and dropped 12 messages, sorry!', { kind: 'missed', count: 12 }],
]

test.each(LINES)('%s', (line, heard) => {
  expect(hear(line)).toEqual(heard)
})

describe('what the server tells', () => {
  test.each([
    ...HELP,
    'You are in den',
    'You are too fast: your lines are dropped until you pause',
    '3 of your lines were dropped',
    'ann is already taken',
    'ann is not connected',
    'ann is lagging and missed your whisper',
    'Server is shutting down, bye!',
  ])('%s', (text) => {
    expect(hear(text)).toEqual({ kind: 'told', text })
  })
})

clause('C1.7', 'No member can say a line', 'whatever its name and its words', () => {
  const words = fc.constantFrom('You', 'Server', 'Rooms', 'Users', 'Earlier', 'ann', 'Nothing', 'Messages')
  const anyText = fc.oneof(
    fc.constantFrom(...LINES.map(([line]) => line), ...HELP),
    fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/[^\P{Cc}\t]/u.test(text)),
  )
  fc.assert(
    fc.property(words, anyText, fc.constantFrom('said', 'did', 'whispered'), (name, text, how) => {
      const stage = new Stage()
      const [speaker, listener] = [stage.join(name), stage.join('Listener')]
      const said = text.trim() === '' ? 'x' : text.trim()
      if (how === 'said') stage.say(speaker, said.replace(/^\//, '-'))
      else stage.say(speaker, how === 'did' ? `/me ${said}` : `/msg Listener ${said}`)
      const [line = ''] = stage.heard(listener)
      expect(hear(line)).toEqual({ kind: how, name, text: how === 'said' ? said.replace(/^\//, '-') : said })
    }),
  )
})

test('lines come whole, wherever the chunks are cut', () => {
  const anyLines = fc.array(fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\n', '')))
  const anyInput = anyLines.map((lines) => bytesOf(lines.map((line) => `${line}\n`).join('')))
  fc.assert(
    fc.property(anyCut(anyInput), ({ input, ends }) => {
      const reader = new ServerLines()
      const lines = cut(input, ends).flatMap((piece) => reader.add(piece))
      expect(bytesOf(lines.map((line) => `${line}\n`).join(''))).toEqual(input)
    }),
  )
})

/** The questions of the page that advises, and their answers. */
import type { Needs } from './decide.ts'

type Asked<Key extends keyof Needs> = {
  readonly key: Key
  readonly text: string
  readonly answers: readonly (readonly [value: Needs[Key], words: string])[]
}
export type Question = { readonly [Key in keyof Needs]: Asked<Key> }[keyof Needs]

export const QUESTIONS: readonly Question[] = [
  {
    key: 'problem',
    text: 'What does the server do?',
    answers: [
      ['router', 'It passes messages from one client to another'],
      ['chat', 'It passes what one says to many'],
      ['exchange', 'It keeps state that all change, in strict order'],
      ['mux', 'It carries many streams in one connection'],
      ['epmd', 'It says where things are, which come and go'],
      ['nodes', 'It is one of several, which are joined'],
    ],
  },
  {
    key: 'isolation',
    text: 'A client stops reading. May clients that have nothing to do with it notice?',
    answers: [
      ['no', 'Yes, until it is cut off: the readers are mine, and they read'],
      ['bursts', 'Not if it is only for a moment'],
      ['always', 'No, never'],
    ],
  },
  {
    key: 'totalOrder',
    text: 'Must all clients see all messages in one and the same order?',
    answers: [
      [false, 'No: the order between two clients is enough'],
      [true, 'Yes'],
    ],
  },
  {
    key: 'everythingArrives',
    text: 'May a message to a slow reader be thrown away?',
    answers: [
      [true, 'No: it arrives, or the reader is cut off'],
      [false, 'Yes: the newest state is enough'],
    ],
  },
  {
    key: 'boundedMemory',
    text: 'Must memory have a bound?',
    answers: [
      [true, 'Yes'],
      [false, 'No: it is a tool on my desk'],
    ],
  },
  {
    key: 'manyStalled',
    text: 'Can thousands of clients stand still at once, and memory is tight?',
    answers: [
      [false, 'No'],
      [true, 'Yes'],
    ],
  },
  {
    key: 'durable',
    text: 'Must a decision lie on a disk before anybody is told of it?',
    answers: [
      [false, 'No'],
      [true, 'Yes, and many clients decide at a time'],
    ],
  },
]
export const FIRST_NEEDS: Needs = {
  problem: 'router',
  isolation: 'no',
  totalOrder: false,
  everythingArrives: true,
  boundedMemory: true,
  manyStalled: false,
  durable: false,
}

/** What `JSON.stringify` made of needs, by this version or another: an answer that no question has is left out. */
export function needsFrom(text: string): Needs {
  let known: Readonly<Record<string, unknown>>
  try {
    known = { ...JSON.parse(text) }
  } catch {
    return FIRST_NEEDS // It was damaged.
  }
  return QUESTIONS.reduce((needs, { key, answers }) => {
    for (const [value] of answers) if (value === known[key]) return { ...needs, [key]: value }
    return needs
  }, FIRST_NEEDS)
}

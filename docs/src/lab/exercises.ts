/** One of the five with one change: something to find, and to mend. It is judged by the cases and the schedules, not by its text. */
import { FILES } from './files.ts'

export interface Exercise {
  readonly id: string
  readonly title: string
  /** What the reader is to think about first. */
  readonly task: string
  /** The pattern that was changed. */
  readonly file: string
  /** The text that the reader begins with. */
  readonly text: string
}

/** Throws RangeError for a change that the file has no place for, or more than one. */
function changed(file: string, from: string, to: string): string {
  const [before, after, ...more] = (FILES[file] ?? '').split(from)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new RangeError(`${file} must have once: ${from}`)
  }
  return before + to + after
}

export const EXERCISES: readonly Exercise[] = [
  {
    id: 'missing-await',
    title: 'An await is missing',
    task: 'The lock is released, but something goes on. Which promise of the header does not hold any more, and in which order of events? Put the word back where it belongs.',
    file: 'mutex',
    text: changed('mutex', '      await deliver(who)', '      void deliver(who)'),
  },
  {
    id: 'early-flush',
    title: 'The flush stands too early',
    task: 'Writes come before reads, so let the flush come first, too? When does what a turn has decided leave now, and what if no other turn comes? Move two lines.',
    file: 'reactor',
    text: changed(
      'reactor',
      `    for (const connection of ready.readable.take()) read(connection)
    if (due) takeDue()
    if (committing.count === 0) commit()
    for (const connection of connections.takeDirty()) write(connection)
`,
      `    if (committing.count === 0) commit()
    for (const connection of connections.takeDirty()) write(connection)
    for (const connection of ready.readable.take()) read(connection)
    if (due) takeDue()
`,
    ),
  },
  {
    id: 'first-served',
    title: 'Who came first is always first',
    task: 'One client floods. How many turns does it take until another one is served, and how many may it take (G5)? Make it fair.',
    file: 'reactor',
    text: changed(
      'reactor',
      '    for (const connection of ready.readable.take()) read(connection)\n',
      `    const [first, ...others] = [...ready.readable.take()].toSorted((a, b) => a.id - b.id)
    for (const other of others) notice(ready.readable, other)
    if (first) read(first)
`,
    ),
  },
  {
    id: 'no-error-channel',
    title: 'Nobody hears of the end',
    task: 'The reader finds out that a client is gone; the dispatcher, which owns the sockets, must learn of it too. What stays behind if it does not? Tell it.',
    file: 'channels',
    text: changed(
      'channels',
      "    if (!connections.stopped) await events.send({ kind: 'disconnected', connection }, connection.party)\n",
      '',
    ),
  },
]

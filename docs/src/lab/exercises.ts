/** A file with one change: something to find, and to mend. It is judged by the cases and the schedules, not by its text. */
import { textOf } from './files.ts'

export interface Exercise {
  readonly id: string
  readonly title: string
  /** What the reader is to think about first. */
  readonly task: string
  /** The file that was changed, from the repository's root. */
  readonly path: string
  /** The text that the reader begins with. */
  readonly text: string
  /** One that passes. There are others. */
  readonly solution: string
}

/** `found` is what the checks must find, once in the file, and `solved` what they must not. Throws RangeError where it is not there once. */
function changed(
  path: string,
  sound: string,
  found: string,
  solved: string = sound,
): Pick<Exercise, 'path' | 'text' | 'solution'> {
  const [before, after, ...more] = textOf(path).split(sound)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new RangeError(`${path} must have once: ${sound}`)
  }
  return { path, text: before + found + after, solution: before + solved + after }
}

export const EXERCISES: readonly Exercise[] = [
  {
    id: 'missing-await',
    title: 'An await is missing',
    task: 'The lock is released, but something goes on. Which promise of the header does not hold any more, and in which order of events? Put the word back where it belongs.',
    ...changed('impls/mutex/src/server.ts', '      await deliver(who)', '      void deliver(who)'),
  },
  {
    id: 'early-flush',
    title: 'The flush stands too early',
    task: 'Writes come before reads, so let the flush come first, too? When does what a turn has decided leave now, and what if no other turn comes? Move two lines.',
    ...changed(
      'impls/reactor/src/server.ts',
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
    ...changed(
      'impls/reactor/src/server.ts',
      '    for (const connection of ready.readable.take()) read(connection)\n',
      `    const [first, ...others] = [...ready.readable.take()].toSorted((a, b) => a.id - b.id)
    for (const other of others) notice(ready.readable, other)
    if (first) read(first)
`,
      // In another order, and each once: fair, too.
      '    for (const connection of [...ready.readable.take()].toReversed()) read(connection)\n',
    ),
  },
  {
    id: 'no-error-channel',
    title: 'Nobody hears of the end',
    task: 'The reader finds out that a client is gone; the dispatcher, which owns the sockets, must learn of it too. What stays behind if it does not? Tell it.',
    ...changed(
      'impls/channels/src/server.ts',
      "    if (!connections.stopped) await events.send({ kind: 'disconnected', connection }, connection.party)\n",
      '',
    ),
  },
  {
    id: 'unnoticed',
    title: 'Filled, and not noticed',
    task: 'A variant: a reactor that posts to a mailbox for each client. Who empties a mailbox that was filled in this turn? Nobody waits, nothing is locked, and nothing comes. One line.',
    ...changed('variants/src/channel-reactor.ts', '      notice(ready.filled, destination)\n', ''),
  },
  {
    id: 'empty-room',
    title: 'The room that stays',
    task: 'A chat, run by the reactor. A room without members is no room (C3.2). When does this one look whether it is empty? Change two lines.',
    ...changed(
      'protocols/chat/src/chat.ts',
      '    room.remove(member.id)\n    this.#rooms.forgetIfEmpty(room)',
      '    this.#rooms.forgetIfEmpty(room)\n    room.remove(member.id)',
    ),
  },
  {
    id: 'name-is-not-free',
    title: 'A name that is never free',
    task: 'A directory, as Erlang’s nodes use it, run by the reactor. When a node goes its name is free again (D2.3). Where is that forgotten?',
    ...changed('protocols/epmd/src/epmd.ts', 'if (name !== undefined) this.#registrations.delete(name)', ''),
  },
]

/** Why a deletion changes nothing that a check of behaviour could notice. */
export interface Explanation {
  /** Default: all. */
  readonly patterns?: readonly string[]
  readonly kind?: 'statement' | 'await'
  readonly within?: string
  /** How the deleted text begins. */
  readonly text: string
  readonly why: string
}

const CHANNELS = ['channels', 'channel-per-writer'] as const
const LOOPS = ['race', 'reactor'] as const

export const EXPLANATIONS: readonly Explanation[] = [
  {
    patterns: ['mutex'],
    kind: 'await',
    within: 'run',
    text: 'await step(connection.party, () => connections.connected',
    why: 'The lock is first come, first served: the step for the first chunk queues up behind this one in any case. The `await` is there so that a failure has an owner.',
  },
  {
    patterns: ['mutex'],
    kind: 'await',
    text: 'await leave(connection)',
    why: 'Nothing comes after it but what the lock keeps in order anyway: steps are first come, first served, and `closed` waits for every close. The `await` is there so that a failure has an owner.',
  },
  {
    patterns: ['mutex'],
    text: 'await loops.settled()',
    why: 'The lock is first come, first served: whoever has read a chunk stands in its queue before the last steps do. Said all the same, so that R4.3 hangs on no fairness of a lock.',
  },
  {
    patterns: CHANNELS,
    kind: 'await',
    within: 'read',
    text: "await events.send({ kind: 'connected'",
    why: 'A channel lets waiting senders in first come, first served, so the first chunk stands behind this event in any case. Without it a reader has one more event of 64 bytes waiting than it should.',
  },
  {
    patterns: CHANNELS,
    kind: 'await',
    within: 'read',
    text: "await events.send({ kind: 'disconnected'",
    why: 'It is the last thing that a reader does. The `await` is there so that the reader is not over, and a shutdown not further, before its last event is in.',
  },
  {
    patterns: CHANNELS,
    within: 'stop',
    text: 'await readers.settled()',
    why: 'A channel lets waiting senders in first come, first served: whoever has read a chunk stands before the last event. Said all the same, so that R4.3 hangs on no fairness of a channel.',
  },
  {
    patterns: CHANNELS,
    within: 'stop',
    text: 'await dispatching.settled()',
    why: 'The last connection goes when the dispatcher has ended it, and `closed` waits for that. Said all the same: every task has an owner that awaits it.',
  },
  {
    patterns: ['channel-per-writer'],
    within: 'stop',
    text: 'await writers.settled()',
    why: 'The last connection goes when its writer has ended it, and `closed` waits for that. Said all the same: every task has an owner that awaits it.',
  },
  {
    patterns: ['channel-per-writer'],
    kind: 'statement',
    within: 'post',
    text: 'return mailboxes.get(destination)?.trySend(segment)',
    why: 'Then every segment takes the way of a full mailbox, which waits only where there is no room: the same bytes in the same order, at the price of a promise for each.',
  },
  {
    patterns: ['channel-per-writer'],
    kind: 'statement',
    within: 'closeMailbox',
    text: 'mailboxes.delete(connection)',
    why: 'A closed mailbox takes nothing, so nobody is served differently. What stays is its memory, some hundred bytes for each client that ever was: no queue, so that no count of held bytes shows it.',
  },
  {
    patterns: LOOPS,
    kind: 'statement',
    within: 'endHold',
    text: 'holds.delete(sender)',
    why: 'A hold that is over is looked at by nobody before the next one takes its place, and a sender that is gone takes its own along (a WeakMap). Said all the same, so that `holds` means what it says.',
  },
  {
    patterns: ['race'],
    kind: 'statement',
    within: 'read',
    text: 'break',
    why: 'The last case of a `switch`.',
  },
  {
    patterns: ['race'],
    kind: 'statement',
    within: 'flushLater',
    text: 'if (flushing) return',
    why: 'Costs, and changes nothing: the end of a turn is then asked for once for each chunk, and the source holds it once.',
  },
  {
    patterns: ['race'],
    kind: 'statement',
    within: 'flushLater',
    text: 'return',
    why: 'Costs, and changes nothing: the end of a turn is then asked for once for each chunk, and the source holds it once.',
  },
  {
    patterns: ['race'],
    kind: 'statement',
    within: 'flushLater',
    text: 'flushing = true',
    why: 'Costs, and changes nothing: the end of a turn is then asked for once for each chunk, and the source holds it once.',
  },
  {
    patterns: ['race'],
    kind: 'statement',
    within: 'take',
    text: 'throw new Error(',
    why: 'An assertion: a source wins a race only while something is in it.',
  },
  {
    patterns: ['race'],
    within: 'stop',
    text: 'await loop.settled()',
    why: 'By then all connections are gone, and the loop ends with what it has just been told. Said all the same: every task has an owner that awaits it.',
  },
  {
    patterns: ['reactor'],
    kind: 'statement',
    within: 'schedule',
    text: 'if (scheduled) return',
    why: 'Costs, and changes nothing: more turns are scheduled, each of which finds its sets empty.',
  },
  {
    patterns: ['reactor'],
    kind: 'statement',
    within: 'schedule',
    text: 'return',
    why: 'Costs, and changes nothing: more turns are scheduled, each of which finds its sets empty.',
  },
  {
    patterns: ['reactor'],
    kind: 'statement',
    within: 'schedule',
    text: 'scheduled = true',
    why: 'Costs, and changes nothing: more turns are scheduled, each of which finds its sets empty.',
  },
  {
    patterns: ['reactor'],
    kind: 'statement',
    within: 'take',
    text: 'if (this.#ready.size === 0) return this.#ready',
    why: 'Saves a new set for each set that is empty in a turn; the answer is as empty.',
  },
  {
    patterns: ['reactor'],
    kind: 'statement',
    within: 'take',
    text: 'return this.#ready',
    why: 'Saves a new set for each set that is empty in a turn; the answer is as empty.',
  },
  {
    patterns: ['reactor'],
    kind: 'statement',
    within: 'takeDue',
    text: 'due = false',
    why: 'Costs, and changes nothing: each later turn then asks `core` what is due, and nothing is.',
  },
  {
    patterns: ['channel-per-writer'],
    kind: 'statement',
    text: 'connection.handOver(delta)',
    why: 'Only offers to a client that does not read look at it, and none of these worlds has any: impls/test/due.test.ts has, and notices.',
  },
  {
    patterns: ['channel-per-writer'],
    kind: 'statement',
    text: "connections.held.add('mailboxes', delta)",
    why: 'No message goes another way for it. impls/test/held-memory.test.ts holds what is counted against the memory that is used, and notices.',
  },
  {
    patterns: CHANNELS,
    kind: 'await',
    within: 'wake',
    text: "await events.send({ kind: 'due' }",
    why: 'It is the last thing that this task does. The `await` is there so that the task is not over before its event is in, and a failure has an owner.',
  },
  {
    patterns: ['directory'],
    kind: 'statement',
    within: 'arrival',
    text: 'waiting.delete(tell)',
    why: 'Memory: who has been told would stay in the list of the name, and a second answer changes nothing.',
  },
  {
    patterns: ['directory'],
    kind: 'statement',
    within: 'arrival',
    text: "by.signal.removeEventListener('abort', stop)",
    why: 'Memory: a signal would keep a listener for each name that was found, and a second answer changes nothing.',
  },
  {
    patterns: ['supervisor'],
    kind: 'statement',
    within: 'start',
    text: 'return undefined',
    why: 'What a function returns that comes to its end.',
  },
]

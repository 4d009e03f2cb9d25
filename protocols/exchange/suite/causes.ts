/** Faults that exchanges have, and how to recognise them from outside. */
import type { Cause, Failures, Sign } from '@switchyard/conformance/portable'

/** The most useful first: what spoils everything, then what lets strangers in, then what costs somebody money. */
export const CAUSES: readonly Cause[] = [
  {
    id: 'cut-is-forgotten',
    title: 'It takes a chunk for a number of whole packets',
    looksLike:
      'Every session that sends more than a few orders loses its place in the stream at the first packet that two reads share. On one machine, with one ' +
      'order at a time, nobody sees it.',
    toDo: 'Keep what stands behind the last whole packet, and put the next chunk behind it.',
    clause: 'X1.1',
    signs: [[fails('X1.1-cut-anywhere')]],
    explains: [{ clauses: ['X1.1', 'X1.2', 'X1.3'] }],
  },
  {
    id: 'any-password',
    title: 'It does not look at the password',
    looksLike: 'Whoever knows the name of an account trades for it: names stand in every message of a confirmation.',
    toDo: 'Compare a salted hash of the password in constant time, and refuse before anything of the account is looked at.',
    clause: 'X2.3',
    signs: [[fails('X2.3-wrong-password')]],
    explains: [{ clauses: ['X2.3'] }],
  },
  {
    id: 'replays-from-one-late',
    title: 'A login with a number begins behind that message',
    looksLike: 'After each reconnection one message is missing: an execution that the client never hears of.',
    toDo: 'The number of a login is that of the first message that is wanted, and not of the last one that was read.',
    clause: 'X2.4',
    signs: [[fails('X2.4-from-a-number')]],
    explains: [{ clauses: ['X2.4', 'X5.1', 'X5.2', 'X2.6', 'X2.7', 'X2.8'] }],
  },
  {
    id: 'tokens-used-again',
    title: 'A token is free again when its order is gone',
    looksLike: 'A client that resends what it is not sure of, as OUCH tells it to, buys twice.',
    toDo: 'Keep the tokens of the day, those of orders that are gone among them: that is what makes a resent order harmless.',
    clause: 'X3.2',
    signs: [[fails('X3.2-token-once')]],
    explains: [{ clauses: ['X3.2', 'X3.5'] }],
  },
  {
    id: 'replace-forgets-executed',
    title: 'A replacement forgets what was executed',
    looksLike:
      'An order that is replaced while it is being executed trades more shares than its client ever asked for.',
    toDo: 'The shares of a replacement are all that the chain of orders may trade: subtract those that were executed.',
    clause: 'X3.5',
    signs: [[fails('X3.5-replaced')]],
    explains: [{ clauses: ['X3.5', 'X3.6'] }],
  },
  {
    id: 'never-drained',
    title: 'Who was slow once is not sent the rest',
    looksLike:
      'A client that reads on after a pause waits for messages that stand in its stream, until something new happens to it.',
    toDo: 'When what was queued for a client has left, send what lies behind its cursor.',
    clause: 'X5.2',
    signs: [[fails('X5.2-slow-client')]],
    explains: [{ clauses: ['X5.2'] }],
    stall: true,
  },
]

function fails(...cases: readonly string[]): Sign & Failures {
  return { kind: 'fails', cases }
}

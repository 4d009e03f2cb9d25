import type { COMMON_GUARANTEES } from '@switchyard/core'
import type { Column, Reason, Sight } from './matrix.ts'

/** Seen at the message behind those that are missing; if none comes behind them, by the wait for them. */
const LOST = /messages are missing, or out of order|awaits a message/
const NEVER_CAME = 'awaits a message'
const HELD = 'R5.4-short-messages-bounded'

/** For each failure that a variant declares, the case that shows it and a part of what is reported. */
export const DECLARED: Readonly<Record<string, readonly Sight[]>> = {
  plain: [
    sight('R5.3', 'R5.3-stalled-aborted', 'stalled was not aborted: all of the'),
    sight('R5.4', HELD, 'bytes were held for one client, more than'),
    sight('R5.5', 'R5.5-linger-ends', 'the end of the shutdown did not come within 300 ms'),
    sight('R5.6', 'R5.6-largest-ended', 'the end of the client with the largest unfinished message did not come'),
  ],
  // Its fault is R1.5. All else follows from it: whatever is sent behind a message in one segment is lost.
  'one-message-per-read': [
    follows('R1.3', 'R1.3-all-lengths', LOST),
    follows('R1.4', 'R1.4-not-a-byte-more', 'receiver awaits 19 bytes; '),
    sight('R1.5', 'R1.5-hundreds-in-a-segment', 'receiver 1 awaits a message'),
    follows('R2.1', 'R2.1-late-message-to-nobody', NEVER_CAME),
    follows('R3.1', 'R3.1-one-segment-for-many', NEVER_CAME),
    follows('R3.2', 'R3.2-order-of-a-pair', LOST),
    follows('R3.3', 'R3.3-many-to-one', LOST),
    follows('R3.4', 'R3.4-everybody-to-everybody', LOST),
    follows('R3.6', 'R3.6-megabytes-to-itself', LOST),
    follows('R3.7', 'R3.7-unknown-id', NEVER_CAME),
    follows('R4.1', 'R4.1-fin-behind-own-messages', LOST),
    follows('R4.2', 'R4.2-dozens-reset', LOST),
    follows('R4.3', 'R4.3-prefixes-under-load', LOST),
    follows('R5.3', 'R5.3-stops-for-less', LOST),
    follows('R5.4', HELD, 'bytes had been read for one client and not been written'),
    follows('R5.6', 'R5.6-pauses-and-goes-on', LOST),
  ],
  'task-per-message': [sight('R5.4', HELD, 'bytes were held for one client, more than')],
  // Its fault is R3.4. All else follows from it, in cases where somebody reads slowly and is owed everything.
  'dropping-mailboxes': [
    follows('R3.3', 'R3.3-many-to-one', LOST),
    sight('R3.4', 'R3.4-stops-then-reads', LOST),
    follows('R4.1', 'R4.1-megabytes-before-fin', LOST),
    follows('R4.2', 'R4.2-sender-resets', LOST),
    follows('R4.3', 'R4.3-read-is-delivered', 'the server had read 279 complete messages when its shutdown began'),
    follows('R5.3', 'R5.3-stops-for-less', LOST),
    follows('R5.4', HELD, 'bytes had been read for one client and not been written'),
    follows('R5.6', 'R5.6-pauses-and-goes-on', LOST),
  ],
  'unbounded-reactor': [sight('R5.4', HELD, 'bytes were held for one client, more than')],
}

/** For each guarantee a part of what is reported of a server that pays with it. */
export const PRICES: Readonly<Record<(typeof COMMON_GUARANTEES)[number], string>> = {
  G1: 'clients lack messages',
  G2: 'while two clients read nothing',
  G3: 'bytes are held for one client, more than',
  G4: 'reads nothing',
  G5: 'have not been handled for',
  G6: 'idle clients a message costs more than',
  G7: 'while a burst of half of queuedBytesMax waits',
  G8: 'of the same sender',
}

function sight(column: Column, by: string, reason: Reason): Sight {
  return { column, by, reason }
}

function follows(column: Column, by: string, reason: Reason): Sight {
  return { column, by, reason, follows: true }
}
